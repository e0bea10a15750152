/**
 * Worker thread that plans and renders synthetic scenes, so that the replica's server answers meanwhile. Plans
 * asked for while a picture is made are served between two of its bands.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { UsageError } from '../domain/errors.js';
import { planScene, type Scene, type SceneSpec } from '../simulation/scene.js';
import { writeCdr } from '../simulation/write-cdr.js';
import { writeEdr, writeEdrLabel } from '../simulation/write-edr.js';
import { writePtif } from '../simulation/write-ptif.js';
import type { FromSceneWorker, ImgJob, ToSceneWorker } from './scene-protocol.js';

if (!parentPort) throw new Error('scene-worker is started by the replica');
const port = parentPort;
/** Scenes that are planned and not yet made, by seed. */
const planned = new Map<number, Scene>();
let closed = false;

function sceneOf(spec: SceneSpec): Scene {
  const scene = planned.get(spec.seed) ?? planScene(spec);
  planned.set(spec.seed, scene);
  return scene;
}

async function make(spec: SceneSpec, path: string): Promise<void> {
  const scene = sceneOf(spec);
  await writePtif(path, { width: spec.samples, height: spec.lines }, async (firstLine, lines) => {
    await nextTurn();
    if (closed) throw new Error('the replica is closed');
    return scene.render(firstLine, lines);
  });
  planned.delete(spec.seed);
}

async function makeImg(spec: SceneSpec, { type, product, path }: ImgJob): Promise<void> {
  const scene = sceneOf(spec);
  const interruptible: Scene = {
    spec,
    truth: scene.truth,
    level: scene.level,
    render: (firstLine, lines) => scene.render(firstLine, lines),
    measure(firstLine, lines) {
      if (closed) throw new Error('the replica is closed');
      return scene.measure(firstLine, lines);
    },
  };
  if (type === 'cdr') {
    await writeCdr(path, interruptible, product);
  } else {
    await writeEdr(path, interruptible, product);
    await writeEdrLabel(path, interruptible, product);
  }
  planned.delete(spec.seed);
}

async function handle(message: ToSceneWorker): Promise<void> {
  if (message.kind === 'close') {
    closed = true;
    port.close();
    return;
  }
  const { id, spec } = message;
  try {
    if (message.kind === 'make') await make(spec, message.path);
    if (message.kind === 'make-img') await makeImg(spec, message);
    post({ kind: 'done', id, truth: message.kind === 'truth' ? sceneOf(spec).truth : [] });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    post({ kind: 'error', id, message: text, usage: error instanceof UsageError });
  }
}

function post(message: FromSceneWorker): void {
  port.postMessage(message);
}

port.on('message', (message: ToSceneWorker) => void handle(message));
