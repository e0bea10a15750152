/** HTML that QGIS shows beside the pointer; `[% … %]` holds an expression of the feature. */

const STYLE = 'font-family:sans-serif;font-size:12px;color:#1c140e;background:#fff;padding:2px;width:260px';

/** A row that is left out where the value is null. */
interface Fact {
  readonly name: string;
  /** Expression that gives the text. */
  readonly text: string;
}

/** @param picture expression that gives the address of a picture */
export function mapTip(title: string, facts: readonly Fact[], picture?: string): string {
  const image =
    picture === undefined
      ? ''
      : `<img src="[% ${picture} %]" width="128" height="128" style="image-rendering:pixelated"/>`;
  return `<div style="${STYLE}">${image}<div><b>[% ${title} %]</b></div><table style="font-size:12px">${facts.map(row).join('')}</table></div>`;
}

function row({ name, text }: Fact): string {
  const cells = `'<tr><td style="color:#6b6257">${name}</td><td>' || ${escaped(text)} || '</td></tr>'`;
  return `[% coalesce(${cells}, '') %]`;
}

/** What a catalogue or an archive writes must not act as HTML. */
export function escaped(text: string): string {
  return `replace(replace(to_string(${text}), '&', '&amp;'), '<', '&lt;')`;
}

/** Expression: a place as `19.5000° N, 22.0500° E`. */
export const PLACE =
  `format_number(abs("lat"), 4) || '° ' || if("lat" < 0, 'S', 'N') || ', ' ||` +
  ` format_number(abs("lon"), 4) || '° ' || if("lon" < 0, 'W', 'E')`;

/** Expression: metres as `205 m` or `12.3 km`. */
export function metres(column: string): string {
  return `if(${column} < 1000, format_number(${column}, 0) || ' m', format_number(${column} / 1000, 1) || ' km')`;
}

/** Expression: a moment (UTC) to the minute. */
export function moment(column: string): string {
  return `format_date(${column}, 'yyyy-MM-dd HH:mm')`;
}
