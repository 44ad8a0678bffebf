// The same work as a BullMQ worker: jobs of base64 records, one inference each; concurrency as its docs advise.
// usage: bullmq.cjs PORT fill|work COUNT MODEL   (COUNT records come on stdin as one JSON list of texts for "fill")
const { Queue, Worker } = require('bullmq');
const ort = require(process.env.ORT);
const [port, mode, count, model] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };

async function fill() {
  const queue = new Queue('bench', { connection });
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  for (let at = 0; at < Number(count); at += 1000)
    await queue.addBulk(Array.from({ length: 1000 }, () => ({ name: 'record', data: { data: text } })));
  await queue.close();
}

async function work() {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  const { decode, encode } = require(process.env.CODEC);
  const worker = new Worker(
    'bench',
    async ({ data }) => {
      const values = decode(data.data);
      const { y } = await session.run({ x: new ort.Tensor('float32', values, [1, 64]) });
      return encode(y.data);
    },
    { connection, concurrency: 64 },
  );
  await worker.waitUntilReady();
}

(mode === 'fill' ? fill() : work()).catch((error) => {
  console.error(error);
  process.exit(1);
});
