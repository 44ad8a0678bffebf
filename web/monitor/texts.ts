import type { Say } from '../design/createText.ts';

/** Every text of the monitor's page, with its translation. */
export const chinese = {
  Throughput: '吞吐量',
  answered: '已回答',
  Latency: '延迟',
  'Latency by stage, p95': '各阶段延迟，p95',
  p50: 'p50',
  p99: 'p99',
  'queue wait': '排队',
  decode: '解码',
  inference: '推理',
  write: '写入',
  Backlog: '积压',
  'waiting and pending': '等待与处理中',
  'Batch size': '批大小',
  mean: '平均',
  largest: '最大',
  Errors: '错误',
  'failed since the last update': '自上次查看以来失败',
  'dead letters': '死信',
  'records/s': '条/秒',
  records: '条',
  rows: '行',
  ms: '毫秒',
  '{0}, {1}': '{0}（{1}）',
  '{0} {1} now, {2} on average, {3} at most': '{0}：当前 {1}，平均 {2}，最高 {3}',
  '{0}, {1}: {2}.': '{0}（{1}）：{2}。',
  time: '时间',
  '{0} of {1} as a table': '“{1}”的{0}表格',
  'No job is known on this Redis.': '此 Redis 上没有已知的作业。',
  '{0} of {1} workers': '{1} 个工作进程中的 {0} 个',
  '{0} of {1} answered over HTTP': '已回答的 {1} 条中有 {0} 条经由 HTTP',
  'not reloaded: {0}': '未重新加载：{0}',
  'HTTP frontend': 'HTTP 前端',
  'the backlog is the requests in process': '积压为正在处理的请求',
  Monitor: '监视器',
  'the frontend answers {0}': '前端返回 {0}',
  'it has ended': '已结束',
  'Time range': '时间范围',
  '{0} min': '{0} 分钟',
  'Shown jobs': '显示的作业',
  All: '全部',
  'Find a job': '查找作业',
  'No job is called so.': '没有这样命名的作业。',
  'Where the time goes': '时间花在哪里',
  '{0} takes {1} of {2} ms of a record (p95), {3} %.':
    '每条记录的 {2} 毫秒（p95）中，{0}占 {1} 毫秒，即 {3} %。',
  'Waiting in the queue': '排队等待',
  Decoding: '解码',
  'The inference': '推理',
  'Writing results': '写入结果',
  'Records run one by one ({0}), so more copies (modelParallelism) or workers shorten the wait, where processors are free.':
    '记录逐条运行（{0}），因此在处理器空闲时，更多副本（modelParallelism）或工作进程可缩短等待。',
  'Batches are full: a larger batchSize takes more records at once.':
    '批次已满：更大的 batchSize 一次处理更多记录。',
  'More copies (modelParallelism) or workers shorten the wait, where processors are free.':
    '在处理器空闲时，更多副本（modelParallelism）或工作进程可缩短等待。',
  'More threads (threadPerModel) make it quicker, where processors are free; a smaller batchSize than {0} rows answers sooner.':
    '在处理器空闲时，更多线程（threadPerModel）使其更快；小于 {0} 行的 batchSize 更早给出回答。',
  'More threads (threadPerModel) make it quicker, where processors are free.':
    '在处理器空闲时，更多线程（threadPerModel）使其更快。',
  'Smaller images, or tensors in place of images, take less; more workers share it.':
    '更小的图像或以张量代替图像可减少耗时；更多工作进程可分担。',
  'Smaller results take less, such as those of postProcessing: topN(5), and so does a nearer Redis.':
    '更小的结果（如 postProcessing: topN(5)）耗时更少，更近的 Redis 也是。',
  'Raise {0} in the config…': '在配置中提高 {0}…',
  '1 event': '1 个事件',
  '{0} events': '{0} 个事件',
  '{0} worker {1} started': '{0} 工作进程 {1} 已启动',
  '{0} worker {1} stopped': '{0} 工作进程 {1} 已停止',
  '{0} worker {1} died': '{0} 工作进程 {1} 已死亡',
  '{0} worker {1} reloaded': '{0} 工作进程 {1} 已重新加载',
  '{0} worker {1} refused a reload': '{0} 工作进程 {1} 拒绝了重新加载',
  'No data: {0}': '没有数据：{0}',
  starting: '正在启动',
  'waiting-for-secret': '等待模型的密钥',
  running: '运行中',
  full: 'Redis 已满',
  stopping: '正在停止',
  failed: '失败',
  stopped: '已停止',
} as const satisfies Readonly<Record<string, string>>;

export type Message = keyof typeof chinese;

export type Text = Say<Message>;
