/* Asks the worker or the frontend of this container whether it lives: exit code 0, else 1 with the reason. Redis has no part
   in it: a container that waits for Redis is not to be replaced. CLUSTER_SERVING_HEALTH_URL names another port or question. */
const url = process.env.CLUSTER_SERVING_HEALTH_URL ?? 'http://127.0.0.1:10020/live';
const timeoutMs = 4_000;

try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  const text = (await answer.text()).slice(0, 500);
  console.log(`${url} ${answer.status} ${text}`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`${url} ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
