import { refute, type GraphTensor } from '../tensor.ts';
import type { Rule, Rules } from '../call.ts';
import { elementwiseRules } from './elementwise.ts';
import { productRules } from './products.ts';
import { reductionRules } from './reductions.ts';
import { selectionRules } from './selection.ts';
import { shapeRules } from './shapes.ts';
import { runtimeRules, transformerRules } from './transformers.ts';
import { mlRules, textRules } from './trees.ts';

const random = 'RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial';

const byChance: Rule = (): readonly GraphTensor[] => refute('its result is different in every run');

/** How operators treat the axis of rows, by the domain of their set. What is not in it is not known.
 *  @see the ONNX operator reference, and ONNX Runtime's ContribOperators.md */
const table: Readonly<Record<string, Rules>> = {
  '': {
    ...elementwiseRules,
    ...productRules,
    ...reductionRules,
    ...selectionRules,
    ...shapeRules,
    ...transformerRules,
    ...textRules,
    ...Object.fromEntries(random.split(' ').map((name) => [name, byChance])),
  },
  'com.microsoft': runtimeRules,
  'ai.onnx.ml': mlRules,
};

export function ruleOf(domain: string, operator: string): Rule | undefined {
  const rules = Object.hasOwn(table, domain) ? table[domain] : undefined;
  return rules && Object.hasOwn(rules, operator) ? rules[operator] : undefined;
}

/** Operators that have a say even where nothing is known of what they are given. */
const refuting = new Set([
  ...random.split(' '),
  'DynamicQuantizeLinear',
  'DynamicQuantizeMatMul',
  'DynamicQuantizeLSTM',
  'Unique',
  'NonZero',
  'NonMaxSuppression',
  'Compress',
]);

export function looksAcrossRows(operator: string): boolean {
  return refuting.has(operator);
}
