/** Every text of the monitor's page, with its translation. In English it is as it stands. */
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
  'the frontend answers {0}': '前端返回 {0}',
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

/** Says a text in the language of the page; what stands for `{0}` and so on comes after it. */
export type Text = (message: Message, ...args: readonly (string | number)[]) => string;

/** The languages that pages are in, as `lang` says them. */
export type PageLanguage = 'en' | 'zh-CN';

/** @param language  as `lang` says it, or as an editor does: `zh-cn` */
export function createText(language: string): Text {
  const isChinese = pageLanguageOf(language) === 'zh-CN';
  return (message, ...args) =>
    (isChinese ? chinese[message] : message).replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)]));
}

export function pageLanguageOf(language: string): PageLanguage {
  return /^zh\b/i.test(language) ? 'zh-CN' : 'en';
}
