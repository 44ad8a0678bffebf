import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ElementType } from '../../server/src/tensor/elementTypes.ts';
import type { Tensor } from '../../server/src/tensor/tensor.ts';
import { listCases, modelOf, readDataSets, type Case } from './backend/cases.ts';
import { differsFrom, firstDifference } from './backend/compare.ts';
import { isForJson, routes, type Served } from './support/routes.ts';
import { serveModels, type Services } from './support/serve.ts';

// Some of the ONNX project's cases through the real service: command line, worker process, Redis and HTTP frontend.

/** Of every element type that the runtime hands over, single values, no elements, several inputs, texts, and operators of all
 *  kinds. */
const names = `
  abs add add_bcast add_uint8 argmax_keepdims_example averagepool_2d_default batchnorm_example bitwise_and_i32_2d
  cast_FLOAT16_to_DOUBLE cast_FLOAT_to_FLOAT16 clip clip_default_int8_min compress_0 concat_2d_axis_0
  constantofshape_int_shape_zero conv_with_strides_padding convtranspose cumsum_1d depthtospace_example div_uint16
  einsum_sum equal equal_string eyelike_with_dtype gather_0 gelu_default_1 gemm_all_attributes   gridsample greater_equal gru_defaults instancenorm_example isnan layer_normalization_2d_axis0
  less_uint64 lstm_with_initial_bias matmul_3d max_int64 maxpool_2d_default   mod_mixed_sign_int16 mul_uint32 nonmaxsuppression_two_batches nonzero_example onehot_with_axis
  pow_types_float32_int64 quantizelinear reduce_sum_empty_set
  regex_full_match_basic reshape_zero_dim resize_upsample_sizes_nearest scatter_elements_with_axis shape size_example
  slice_neg_steps softmax_large_number split_zero_size_splits_opset18 string_concat string_split_basic
  sub_uint64 tile top_k_negative_axis tril_zero unique_sorted_with_axis_3d where_long_example xor_bcast4v4d
`
  .trim()
  .split(/\s+/);

/** How many workers live at once. */
const atOnce = 20;

const cases = listCases('node').filter(({ name }) => names.includes(name.replace(/^test_/, '')));

test('there is a case for each name, and there are enough', () => {
  expect(cases).toHaveLength(names.length);
  expect(cases.length).toBeGreaterThanOrEqual(60);
});

const groups = Array.from({ length: Math.ceil(cases.length / atOnce) }, (_, i) =>
  cases.slice(i * atOnce, (i + 1) * atOnce),
);

describe.each(groups.map((group, i) => ({ group, number: i + 1 })))('group $number', ({ group }) => {
  let services: Services | undefined;
  beforeAll(async () => {
    services = await serveModels(new Map(group.map((one) => [one.name, modelOf(one)])));
  });
  afterAll(() => services?.close());

  test.each(group)('$name is answered alike over every route', async (one) => {
    const served = services?.served.get(one.name) as Served;
    const { inputs, outputs } = await readCase(served, one);
    const types = outputs.map(({ type }) => type);
    const isJson = isForJson([...inputs.values(), ...outputs]);
    for (const [route, ask] of Object.entries(routes)) {
      if (!isJson && route !== 'v2 binary') continue;
      const found = await ask(served, inputs, types).catch((error: unknown) => String(error));
      const difference = typeof found === 'string' ? found : firstDifference(found, outputs, differsFrom);
      expect(difference, route).toBeUndefined();
    }
  });
});

interface CaseOfService {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly (Tensor & { readonly type: ElementType })[];
}

/** The inputs by the names that the service says. */
async function readCase({ url, name }: Served, one: Case): Promise<CaseOfService> {
  const response = await fetch(`${url}/v2/models/${name}`);
  const metadata = (await response.json()) as { inputs: { name: string }[] };
  const [set] = readDataSets(one);
  if (!set) throw new Error(`${name} has no data`);
  const inputs = metadata.inputs.map((input, i) => [input.name, set.inputs[i] as Tensor] as const);
  return { inputs: new Map(inputs), outputs: set.outputs as readonly Tensor[] };
}
