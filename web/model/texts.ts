import type { Say } from '../design/createText.ts';

/** Every text of the page of a model, with its translation. */
export const chinese = {
  'Loading the model…': '正在加载模型…',
  'Look Again': '再次查看',
  'Open as Text': '作为文本打开',
  'The model cannot be shown: {0}': '无法显示模型：{0}',
  Facts: '概要',
  Type: '类型',
  Size: '大小',
  Weights: '权重',
  'Served by': '运行时',
  'nothing here': '此处没有',
  Versions: '版本',
  Parameters: '参数',
  'It was not loaded: {0}': '未加载：{0}',
  'Records may share runs': '记录可以共享一次运行',
  'Each record has a run of its own': '每条记录单独运行',
  'Inputs and outputs': '输入和输出',
  in: '输入',
  out: '输出',
  Operators: '算子',
  'The operators of this type of model are not read.': '不读取此类模型的算子。',
  '{0} operators of {1} kinds': '{0} 个算子，{1} 种',
  Count: '数量',
  Name: '名称',
  'Type and shape': '类型和形状',
  Direction: '方向',
} as const satisfies Readonly<Record<string, string>>;

export type Message = keyof typeof chinese;

export type Text = Say<Message>;
