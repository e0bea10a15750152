/** Directory level and MISSION_PHASE_NAME by the day on which a phase began. */
const PHASES = [
  ['2009-09-15', 'MAP', 'NOMINAL MISSION'],
  ['2010-09-16', 'SCI', 'SCIENCE MISSION'],
  ['2012-09-15', 'ESM', 'EXTENDED SCIENCE MISSION'],
  ['2014-09-15', 'ESM2', 'SECOND EXTENDED SCIENCE MISSION'],
  ['2016-09-15', 'ESM3', 'THIRD EXTENDED SCIENCE MISSION'],
  ['2019-09-15', 'ESM4', 'FOURTH EXTENDED SCIENCE MISSION'],
  ['2022-09-15', 'ESM5', 'FIFTH EXTENDED SCIENCE MISSION'],
  ['2025-09-15', 'ESM6', 'SIXTH EXTENDED SCIENCE MISSION'],
] as const;

export interface MissionPhase {
  readonly directory: string;
  readonly name: string;
}

export function missionPhase(time: Date): MissionPhase {
  const day = time.toISOString().slice(0, 10);
  const found = PHASES.findLast(([from]) => from <= day);
  return found === undefined
    ? { directory: 'COM', name: 'COMMISSIONING' }
    : { directory: found[1], name: found[2] };
}
