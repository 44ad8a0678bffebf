import type { Say } from '../design/createText.ts';

/** Every text of the page of records, with its translation. */
export const chinese = {
  Records: '记录',
  'The queue of {0}, on {1}': '{0} 的队列，位于 {1}',
  All: '全部',
  Waiting: '等待中',
  'In flight': '处理中',
  'Dead letters': '死信',
  waiting: '等待中',
  'in flight': '处理中',
  dead: '死信',
  'Which records': '哪些记录',
  'Search by uri or id': '按 uri 或 id 搜索',
  Pause: '暂停',
  Follow: '跟随',
  Refresh: '刷新',
  'Load All': '全部加载',
  Stop: '停止',
  'Select all that are loaded': '选择已加载的全部记录',
  'uri or id': 'uri 或 id',
  State: '状态',
  Since: '自',
  Details: '详情',
  Preview: '预览',
  'put back {0} times before': '此前放回 {0} 次',
  '1 delivery': '1 次投递',
  '{0} deliveries': '{0} 次投递',
  '{0} of {1} are loaded': '已加载 {1} 条中的 {0} 条',
  'all {0} are loaded': '全部 {0} 条已加载',
  '{0} found, {1} of {2} looked at': '找到 {0} 条，已查看 {2} 条中的 {1} 条',
  '{0} found among all {1}': '在全部 {1} 条中找到 {0} 条',
  'sorted among these': '在这些记录中排序',
  'loading…': '正在加载…',
  'The queue has moved since these were loaded.': '加载之后队列已有变化。',
  'Paused: the list stays as it was at {0}.': '已暂停：列表停留在 {0}。',
  'The records cannot be read: {0}': '无法读取记录：{0}',
  'The queue is empty.': '队列为空。',
  'No record has this in its uri or id.': '没有记录的 uri 或 id 含有此内容。',
  '{0} selected': '已选 {0} 条',
  'Put Back ({0})': '放回（{0}）',
  'Move to the Dead Letters ({0})…': '移到死信（{0}）…',
  'Select None': '取消选择',
} as const satisfies Readonly<Record<string, string>>;

export type Message = keyof typeof chinese;

export type Text = Say<Message>;
