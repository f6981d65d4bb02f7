// The third process of a stop run: it writes down in one order what work did and when the stop was answered, so that
// what happened after a stop is judged by neither the runtime nor the command. Usage: node outside.ts FILE
//   POST / LINE         a line of the log; the answer is the order in force
//   POST /order ORDER   more, enough or hang, from now on
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const [, , log = ''] = process.argv;
let order = 'more';

const server = createServer((request, response) => {
  void text(request).then((body) => {
    if (request.url === '/order') order = body;
    appendFileSync(log, `${Date.now()} ${request.url === '/order' ? `order ${body}` : body}\n`);
    response.end(order);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : address);
});
