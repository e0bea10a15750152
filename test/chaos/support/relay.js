/** `node relay.js LISTEN_HOST LISTEN_PORT TO_HOST TO_PORT`: passes connections on, until it is killed. */
import { connect, createServer } from 'node:net';

const [host, port, toHost, toPort] = process.argv.slice(2);
createServer((client) => {
  const upstream = connect(Number(toPort), toHost);
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
}).listen(Number(port), host, () => console.log('ready'));
