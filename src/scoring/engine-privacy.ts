/**
 * Left alone, onnxruntime writes an id of this machine and a record of every session into the user's cache
 * folder and sends them to its maker. It looks at the environment of the process, which threads only have a
 * copy of: this is imported where threads are started, too. Who wants the records sets the variable to 0.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
