// The most that Fastify gives: the body parsed, a constant of the size of our answers sent back.
import { fastify } from 'fastify';

const answer = { predictions: ['x'.repeat(200)] };
const app = fastify();
app.post('/predict', async (request) => {
  if (!Array.isArray(request.body.instances)) throw new Error('no instances');
  return answer;
});
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
