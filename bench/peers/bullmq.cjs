// The same work as a BullMQ worker: jobs of base64 records, one inference each; concurrency as its docs advise.
// usage: bullmq.cjs PORT fill|work COUNT MODEL   (COUNT records come on stdin as one JSON list of texts for "fill")
const { Queue, Worker } = require('bullmq');
const ort = require(process.env.ORT);
const { Float32, Int32, Table, tableFromIPC, tableToIPC, vectorFromArray } = require(process.env.ARROW);
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

/** The values of the one column: the Python client spreads a tensor over four rows, its data in the third. */
function decode(text) {
  const table = tableFromIPC(Buffer.from(text, 'base64'));
  return table.getChildAt(0).getChild('data').get(2).toArray();
}

function encode(values) {
  const shape = [values.length, ...new Array(values.length - 1).fill(null)];
  const table = new Table({
    data: vectorFromArray(values, new Float32()),
    shape: vectorFromArray(shape, new Int32()),
  });
  return Buffer.from(tableToIPC(table, 'stream')).toString('base64');
}

async function work() {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
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
