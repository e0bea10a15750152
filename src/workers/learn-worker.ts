/** Worker thread that learns an order from reviews, once: its data come with it, its answer ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { learnOrder, type ReviewedExamples } from '../evaluation/learn-order.js';

if (!parentPort) throw new Error('learn-worker is started by the review learner');
parentPort.postMessage(learnOrder(workerData as ReviewedExamples));
