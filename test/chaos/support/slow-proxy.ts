import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** A relay to a server on this machine that passes everything on late, a little at a time. */
export interface SlowProxy {
  readonly port: number;
  /** Ends every connection at once. */
  cut(): void;
  close(): Promise<void>;
}

/** @param delayMs each way */
export async function startSlowProxy(to: number, delayMs: number): Promise<SlowProxy> {
  const open = new Set<Socket>();
  const relay = (from: Socket, into: Socket): void => {
    from.on('data', (chunk: Buffer) => {
      setTimeout(() => void (into.destroyed || into.write(chunk)), delayMs);
    });
    from.on('end', () => setTimeout(() => into.end(), delayMs));
    from.on('close', () => void open.delete(from));
    from.on('error', () => into.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    open.add(client).add(upstream);
    relay(client, upstream);
    relay(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
