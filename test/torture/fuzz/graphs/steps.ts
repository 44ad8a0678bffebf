import type { OnnxAttribute } from '../../../../server/src/model/caffe/onnxWriter.ts';
import type { Builder, DrawnValue, ValueType } from './builder.ts';

/** What a step makes: names, with their types. */
type Made = readonly (readonly [string, ValueType])[];
/** Adds nodes to a graph. Not each fits what it is given: the runtime decides. @returns undefined where nothing is there to
 *  work on */
export type Step = (b: Builder) => Made | undefined;

const float = (name: string): Made => [[name, 'float']];
const whole = (name: string): Made => [[name, 'int']];
const truth = (name: string): Made => [[name, 'bool']];

const unary =
  'Abs Atan Ceil Cos Elu Erf Exp Floor HardSigmoid HardSwish Identity LeakyRelu Neg Reciprocal Relu Round Selu Sigmoid Sign ' +
  'Sin Softplus Softsign Tanh ThresholdedRelu';

/** Of one value of floats, and what is drawn for it. */
function onFloat(
  make: (b: Builder, x: DrawnValue) => Made | undefined,
  rank: (rank: number) => boolean = () => true,
): Step {
  return (b) => {
    const x = b.pick('float', rank);
    return x && make(b, x);
  };
}

function unaryStep(operator: string): Step {
  return onFloat((b, x) => float(b.node(operator, [x.name])));
}

/** A second input: one that is there, a constant, or a number that is a size. */
function partner(b: Builder, x: DrawnValue): string {
  if (b.chance(0.35)) return b.pick('float')?.name ?? x.name;
  if (b.chance(0.2)) {
    const sizes = b.pick('int') ?? { name: b.sizeOf(x, b.chance(0.5)) };
    return b.node('Cast', [b.chance(0.5) ? sizes.name : b.sizeOf(x, b.chance(0.5))], { to: { int: 1 } });
  }
  return b.floats(b.broadcastable(x.shape));
}

function binaryStep(operator: string, type: ValueType): Step {
  return onFloat((b, x) => {
    const [one, other] = [x.name, partner(b, x)];
    return [[b.node(operator, b.chance(0.5) ? [one, other] : [other, one]), type]];
  });
}

function reduceStep(operator: string): Step {
  return onFloat((b, x) => {
    const keepdims = { int: b.random.between(0, 1) };
    const axes = b.axes(x);
    if (operator === 'ReduceSum') {
      const noop_with_empty_axes = { int: b.random.between(0, 1) };
      return float(b.node(operator, [x.name, b.ints(axes)], { keepdims, noop_with_empty_axes }));
    }
    const isAll = axes.length === 0;
    return float(b.node(operator, [x.name], { keepdims, ...(isAll ? {} : { axes: { ints: axes } }) }));
  });
}

function axisStep(operator: string): Step {
  return onFloat((b, x) => float(b.node(operator, [x.name], { axis: { int: b.axis(x) } })));
}

/** Sizes as a shape: those of a value, some laid together, one left open; or numbers that are computed. */
function shapeFor(b: Builder, x: DrawnValue): string {
  const { shape } = x;
  if (b.chance(0.3)) {
    const rows = b.sizeOf(x, true);
    const rest = shape.slice(1).reduce((p, n) => p * n, 1);
    const others = b.chance(0.5) ? [rest] : [-1];
    return b.node('Concat', [rows, b.ints(others)], { axis: { int: 0 } });
  }
  let sizes = b.random.shuffle([...shape]);
  if (b.chance(0.7)) sizes = [...shape];
  if (b.chance(0.5) && sizes.length > 1) {
    const at = b.random.between(0, sizes.length - 2);
    sizes.splice(at, 2, (sizes[at] ?? 1) * (sizes[at + 1] ?? 1));
  }
  if (b.chance(0.3)) sizes.splice(b.random.between(0, sizes.length), 0, 1);
  if (b.chance(0.8)) sizes[b.chance(0.6) ? 0 : b.random.between(0, sizes.length - 1)] = -1;
  else if (b.chance(0.5)) sizes[0] = 0;
  return b.ints(sizes);
}

const reshape: Step = onFloat((b, x) => float(b.node('Reshape', [x.name, shapeFor(b, x)])));

const transpose: Step = onFloat((b, x) => {
  const places = x.shape.map((_, axis) => axis);
  const rest = b.random.shuffle(places.slice(1));
  const perm = b.chance(0.6) ? [...places.slice(0, 1), ...rest] : b.random.shuffle(places);
  return float(b.node('Transpose', [x.name], perm.length === 0 ? {} : { perm: { ints: perm } }));
});

const slice: Step = onFloat(
  (b, x) => {
    const axis = b.axis(x);
    const at = (from: number) =>
      b.chance(0.15) ? b.sizeOf(x, true) : b.ints([b.chance(0.3) ? from - 5 : from]);
    const step = b.ints([b.random.pick([1, 1, 1, 2, -1])]);
    const end = b.chance(0.4) ? b.ints([2 ** 40]) : at(b.random.between(1, 4));
    return float(b.node('Slice', [x.name, at(b.random.between(0, 2)), end, b.ints([axis]), step]));
  },
  (rank) => rank > 0,
);

const concat: Step = onFloat(
  (b, x) => {
    const axis = b.axis(x);
    const shape = x.shape.map((size, i) => (i === (axis + x.shape.length) % x.shape.length ? 2 : size));
    const other = b.chance(0.5)
      ? (b.pick('float', (rank) => rank === x.shape.length) ?? x).name
      : b.floats(shape);
    return float(b.node('Concat', [x.name, other], { axis: { int: axis } }));
  },
  (rank) => rank > 0,
);

const split: Step = onFloat(
  (b, x) => {
    const axis = b.axis(x);
    const size = x.shape.at(axis) ?? 1;
    if (size < 2) return undefined;
    const first = b.random.between(1, size - 1);
    const parts = b.nodeOf('Split', [x.name, b.ints([first, size - first])], 2, { axis: { int: axis } });
    return parts.map((name) => [name, 'float'] as const);
  },
  (rank) => rank > 0,
);

/** Whole numbers from 0 to a limit: of a value, of a constant, or of a size. */
function indices(b: Builder, limit: number, shape: readonly number[]): string {
  const x = b.pick('float');
  if (x && b.chance(0.4)) {
    const small = b.node('Clip', [x.name, b.floats([], () => 0), b.floats([], () => Math.max(0, limit - 1))]);
    return b.node('Cast', [small], { to: { int: 7 } });
  }
  if (x && b.chance(0.15)) return b.sizeOf(x, b.chance(0.5));
  const length = shape.reduce((p, n) => p * n, 1);
  return b.ints(
    Array.from({ length }, () => b.random.between(0, Math.max(0, limit - 1))),
    shape,
  );
}

const gather: Step = onFloat(
  (b, x) => {
    const axis = b.axis(x);
    const shape = b.random.pick([[], [1], [2], [2, 1]]);
    return float(
      b.node('Gather', [x.name, indices(b, x.shape.at(axis) ?? 1, shape)], { axis: { int: axis } }),
    );
  },
  (rank) => rank > 0,
);

/** Rows pick from a table that is the same for all. */
const lookUp: Step = onFloat((b, x) => {
  const limit = b.random.between(2, 4);
  const high = b.floats([], () => limit - 1);
  const at = b.node('Cast', [b.node('Clip', [x.name, b.floats([], () => 0), high])], { to: { int: 7 } });
  return float(b.node('Gather', [b.floats([limit, 3]), at], { axis: { int: b.random.between(0, 1) } }));
});

const gatherElements: Step = onFloat(
  (b, x) => {
    const axis = b.axis(x);
    const limit = Math.min(...x.shape, 4);
    return float(b.node('GatherElements', [x.name, indices(b, limit, x.shape)], { axis: { int: axis } }));
  },
  (rank) => rank > 0,
);

const gatherNd: Step = onFloat(
  (b, x) => {
    const shared = b.random.between(0, Math.min(2, x.shape.length - 1));
    const depth = b.random.between(1, x.shape.length - shared);
    const shape = [...x.shape.slice(0, shared), b.random.between(1, 2), depth];
    return float(
      b.node('GatherND', [x.name, indices(b, Math.min(...x.shape), shape)], { batch_dims: { int: shared } }),
    );
  },
  (rank) => rank > 0,
);

const scatterElements: Step = onFloat(
  (b, x) => {
    const updates = b.chance(0.5) ? x.name : b.floats(x.shape);
    const at = indices(b, Math.min(...x.shape), x.shape);
    return float(b.node('ScatterElements', [x.name, at, updates], { axis: { int: b.axis(x) } }));
  },
  (rank) => rank > 0,
);

const scatterNd: Step = onFloat(
  (b, x) => {
    const at = b.ints([b.random.between(0, Math.max(0, (x.shape[0] ?? 1) - 1))], [1, 1]);
    const updates = b.floats([1, ...x.shape.slice(1)]);
    return float(b.node('ScatterND', [x.name, at, updates]));
  },
  (rank) => rank > 0,
);

const pad: Step = onFloat((b, x) => {
  const pads = [...x.shape, ...x.shape].map((_, i) =>
    i % x.shape.length === 0 && b.chance(0.8) ? 0 : b.random.pick([0, 0, 1, -1]),
  );
  const mode = { text: b.random.pick(['constant', 'edge', 'reflect']) };
  const value = b.chance(0.3) ? [b.node('Cast', [b.sizeOf(x, false)], { to: { int: 1 } })] : [];
  return float(b.node('Pad', [x.name, b.ints(pads), ...value], { mode }));
});

const tile: Step = onFloat((b, x) => {
  const times = x.shape.map((_, axis) => (axis === 0 && b.chance(0.7) ? 1 : b.random.pick([1, 1, 2])));
  if (b.chance(0.2) && times.length > 1) {
    const rest = b.ints(times.slice(0, -1));
    const computed = b.node('Concat', [rest, b.sizeOf(x, true)], { axis: { int: 0 } });
    return float(b.node('Tile', [x.name, computed]));
  }
  return float(b.node('Tile', [x.name, b.ints(times)]));
});

const expand: Step = onFloat((b, x) => {
  const sizes = x.shape.map((size) => (size === 1 && b.chance(0.5) ? b.random.between(2, 3) : 1));
  if (b.chance(0.3)) sizes.unshift(b.random.pick([1, 2]));
  if (b.chance(0.3)) {
    const computed = b.node('Concat', [b.sizeOf(x, true), b.ints(sizes.slice(1))], { axis: { int: 0 } });
    return float(b.node('Expand', [x.name, computed]));
  }
  return float(b.node('Expand', [x.name, b.ints(sizes)]));
});

const matMul: Step = onFloat(
  (b, x) => {
    const [size, before] = [x.shape.at(-1) ?? 1, x.shape.at(-2) ?? 1];
    if (b.chance(0.25)) return float(b.node('MatMul', [x.name, b.pick('float')?.name ?? x.name]));
    if (b.chance(0.2)) return float(b.node('MatMul', [b.floats([2, before]), x.name]));
    return float(b.node('MatMul', [x.name, b.floats(b.chance(0.3) ? [size] : [size, 3])]));
  },
  (rank) => rank > 0,
);

const gemm: Step = onFloat(
  (b, x) => {
    const transA = b.random.between(0, 1);
    const size = x.shape.at(transA === 1 ? 0 : 1) ?? 1;
    const transB = b.random.between(0, 1);
    const weights = b.floats(transB === 1 ? [3, size] : [size, 3]);
    const added = b.floats(b.random.pick([[3], [1], [1, 3], [x.shape[0] ?? 1, 1]]));
    const attributes = { transA: { int: transA }, transB: { int: transB } };
    return float(b.node('Gemm', [x.name, weights, added], attributes));
  },
  (rank) => rank === 2,
);

const equations: readonly (readonly [number, number, string])[] = [
  [2, 2, 'ab,cb->ac'],
  [2, 2, 'ab,ab->a'],
  [2, 2, 'ab,ac->abc'],
  [2, 2, 'ab,ab->b'],
  [3, 3, 'abc,adc->abd'],
  [3, 3, 'abc,dbc->ad'],
  [3, 2, 'abc,cd->abd'],
  [3, 3, 'abc,abc->ab'],
  [3, 3, 'abc,acd->abd'],
  [3, 2, '...c,cd->...d'],
];

const einsum: Step = (b) => {
  const [left, right, equation] = b.random.pick(equations);
  const one = b.pick('float', (rank) => rank === left);
  const other = b.pick('float', (rank) => rank === right);
  return one && other && float(b.node('Einsum', [one.name, other.name], { equation: { text: equation } }));
};

const convolution: Step = onFloat(
  (b, x) => {
    const spatial = x.shape.slice(2).map(() => b.random.between(1, 2));
    const weights = b.floats([2, x.shape[1] ?? 1, ...spatial]);
    return float(b.node('Conv', [x.name, weights, b.floats([2])]));
  },
  (rank) => rank === 3 || rank === 4,
);

const transposedConvolution: Step = onFloat(
  (b, x) => float(b.node('ConvTranspose', [x.name, b.floats([x.shape[1] ?? 1, 2, 2, 2])])),
  (rank) => rank === 4,
);

function pooling(operator: string, attributes: Readonly<Record<string, OnnxAttribute>> = {}): Step {
  return onFloat(
    (b, x) => {
      const kernel_shape = { ints: x.shape.slice(2).map(() => b.random.between(1, 2)) };
      const more = operator.startsWith('Global') ? {} : { kernel_shape };
      return float(b.node(operator, [x.name], { ...attributes, ...more }));
    },
    (rank) => rank === 3 || rank === 4,
  );
}

const instanceNormalization: Step = onFloat(
  (b, x) => {
    const channels = [x.shape[1] ?? 1];
    return float(b.node('InstanceNormalization', [x.name, b.floats(channels), b.floats(channels)]));
  },
  (rank) => rank > 2,
);

const layerNormalization: Step = onFloat(
  (b, x) => {
    const axis = b.random.between(0, x.shape.length - 1);
    const size = x.shape.slice(axis);
    return float(
      b.node('LayerNormalization', [x.name, b.floats(size), b.floats(size)], { axis: { int: axis } }),
    );
  },
  (rank) => rank > 0,
);

const batchNormalization: Step = onFloat(
  (b, x) => {
    const channels = [x.shape[1] ?? 1];
    const [scale, bias, mean] = [b.floats(channels), b.floats(channels), b.floats(channels)];
    const spread = b.floats(channels, () => b.random.next() + 0.5);
    return float(b.node('BatchNormalization', [x.name, scale, bias, mean, spread]));
  },
  (rank) => rank > 1,
);

const topK: Step = onFloat(
  (b, x) => {
    const axis = b.axis(x);
    const count = b.chance(0.2) ? b.sizeOf(x, true) : b.ints([b.random.between(1, x.shape.at(axis) ?? 1)]);
    const [values = '', places = ''] = b.nodeOf('TopK', [x.name, count], 2, { axis: { int: axis } });
    return [
      [values, 'float'],
      [places, 'int'],
    ];
  },
  (rank) => rank > 0,
);

const argMax: Step = onFloat(
  (b, x) => {
    const attributes = { axis: { int: b.axis(x) }, keepdims: { int: b.random.between(0, 1) } };
    return whole(b.node(b.random.pick(['ArgMax', 'ArgMin']), [x.name], attributes));
  },
  (rank) => rank > 0,
);

const oneHot: Step = (b) => {
  const x = b.pick('int');
  if (!x) return undefined;
  const depth = b.chance(0.2) ? b.sizeOf(x, false) : b.ints([3], []);
  return float(
    b.node('OneHot', [x.name, depth, b.floats([2])], { axis: { int: b.random.pick([-1, -1, 0, 1]) } }),
  );
};

const where: Step = (b) => {
  const [condition, x] = [b.pick('bool'), b.pick('float')];
  return condition && x && float(b.node('Where', [condition.name, x.name, partner(b, x)]));
};

const fromTruth: Step = (b) => {
  const x = b.pick('bool');
  return x && float(b.node('Cast', [b.chance(0.3) ? b.node('Not', [x.name]) : x.name], { to: { int: 1 } }));
};

const fromWhole: Step = (b) => {
  const x = b.pick('int');
  return x && float(b.node('Cast', [x.name], { to: { int: 1 } }));
};

const toWhole: Step = onFloat((b, x) => whole(b.node('Cast', [x.name], { to: { int: 7 } })));

const clip: Step = onFloat((b, x) => {
  const bound = () =>
    b.chance(0.2) ? b.node('Cast', [b.sizeOf(x, false)], { to: { int: 1 } }) : b.floats([]);
  return float(b.node('Clip', [x.name, bound(), ...(b.chance(0.5) ? [bound()] : [])]));
});

const squeeze: Step = onFloat((b, x) => {
  const single = x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  return single.length === 0
    ? undefined
    : float(b.node('Squeeze', [x.name, ...(b.chance(0.3) ? [] : [b.ints([b.random.pick(single)])])]));
});

const unsqueeze: Step = onFloat((b, x) =>
  x.shape.length > 4
    ? undefined
    : float(b.node('Unsqueeze', [x.name, b.ints([b.random.between(-1, x.shape.length)])])),
);

const flatten: Step = onFloat((b, x) =>
  float(
    b.node('Flatten', [x.name], {
      axis: { int: b.chance(0.5) ? 1 : b.random.between(-x.shape.length, x.shape.length) },
    }),
  ),
);

const cumulative: Step = onFloat(
  (b, x) => {
    const attributes = {
      exclusive: { int: b.random.between(0, 1) },
      reverse: { int: b.random.between(0, 1) },
    };
    return float(b.node('CumSum', [x.name, b.ints([b.axis(x)], [])], attributes));
  },
  (rank) => rank > 0,
);

/** A size as a number, a part of the shape, or how many elements there are. */
const sizes: Step = onFloat((b, x) => {
  if (b.chance(0.2)) return whole(b.node('Size', [x.name]));
  if (b.chance(0.4)) return whole(b.sizeOf(x, b.chance(0.5)));
  const ends = { start: { int: b.random.between(-6, 2) }, end: { int: b.random.between(-1, 5) } };
  return whole(b.node('Shape', [x.name], ends));
});

const filled: Step = onFloat((b, x) => {
  const all = b.node('Shape', [x.name]);
  const shape = b.chance(0.5) ? all : b.node('Concat', [all, b.ints([2])], { axis: { int: 0 } });
  return float(b.node('Add', [b.node('ConstantOfShape', [shape]), b.floats([])]));
});

const range: Step = onFloat((b, x) => {
  const end = b.sizeOf(x, false);
  const values = b.node('Range', [b.ints([0], []), end, b.ints([1], [])]);
  return whole(b.chance(0.5) ? values : b.node('Unsqueeze', [values, b.ints([b.random.between(0, 1)])]));
});

const rearrange: Step = onFloat(
  (b, x) => {
    const operator = b.random.pick(['DepthToSpace', 'SpaceToDepth']);
    const mode = operator === 'DepthToSpace' ? { mode: { text: b.random.pick(['DCR', 'CRD']) } } : {};
    return float(b.node(operator, [x.name], { blocksize: { int: b.random.pick([1, 2]) }, ...mode }));
  },
  (rank) => rank === 4,
);

const resize: Step = onFloat(
  (b, x) => {
    const scales = x.shape.map((_, axis) => (axis < 2 && b.chance(0.85) ? 1 : b.random.pick([1, 2, 0.5])));
    const name = b.floats([scales.length], () => scales.shift() ?? 1);
    const mode = { text: b.random.pick(['nearest', 'linear']) };
    return float(b.node('Resize', [x.name, '', name], { mode }));
  },
  (rank) => rank > 1 && rank < 5,
);

const trilu: Step = onFloat(
  (b, x) => {
    const k = b.chance(0.3) ? b.sizeOf(x, false) : b.ints([b.random.between(-1, 1)], []);
    return float(b.node('Trilu', [x.name, k], { upper: { int: b.random.between(0, 1) } }));
  },
  (rank) => rank > 1,
);

const reverse: Step = onFloat(
  (b, x) => {
    const batch = b.random.between(0, 1);
    const lengths = Array.from({ length: x.shape[batch] ?? 1 }, () =>
      b.random.between(1, x.shape[1 - batch] ?? 1),
    );
    const attributes = { batch_axis: { int: batch }, time_axis: { int: 1 - batch } };
    return float(b.node('ReverseSequence', [x.name, b.ints(lengths)], attributes));
  },
  (rank) => rank > 1,
);

const quantize: Step = onFloat((b, x) => {
  const scale = b.chance(0.6) ? b.floats([], () => 0.1) : b.floats([x.shape.at(1) ?? 1], () => 0.1);
  const zero = b.node('Cast', [b.ints([0], [])], { to: { int: 2 } });
  const small = b.node('QuantizeLinear', b.chance(0.5) ? [x.name, scale] : [x.name, scale, zero]);
  return float(b.node('DequantizeLinear', [small, scale]));
});

const dynamic: Step = onFloat((b, x) => {
  const [small = '', scale = '', zero = ''] = b.nodeOf('DynamicQuantizeLinear', [x.name], 3);
  return float(b.node('DequantizeLinear', [small, scale, zero]));
});

const recurrent: Step = onFloat(
  (b, x) => {
    const [operator, gates] = b.random.pick([
      ['RNN', 1],
      ['GRU', 3],
      ['LSTM', 4],
    ] as const);
    const hidden = 2;
    const weights = b.floats([1, gates * hidden, x.shape[2] ?? 1]);
    const [steps = '', last = ''] = b.nodeOf(
      operator,
      [x.name, weights, b.floats([1, gates * hidden, hidden])],
      2,
      { hidden_size: { int: hidden } },
    );
    return [
      [steps, 'float'],
      [last, 'float'],
    ];
  },
  (rank) => rank === 3,
);

const gridSample: Step = (b) => {
  const [x, grid] = [b.pick('float', (rank) => rank === 4), b.pick('float', (rank) => rank === 4)];
  return x && grid && float(b.node('GridSample', [x.name, grid.name]));
};

const compress: Step = onFloat(
  (b, x) => {
    const size = x.shape.at(b.axis(x)) ?? 1;
    const ones = b.node('Cast', [b.ints(Array.from({ length: size }, () => b.random.between(0, 1)))], {
      to: { int: 9 },
    });
    return float(b.node('Compress', [x.name, ones], { axis: { int: b.axis(x) } }));
  },
  (rank) => rank > 0,
);

const nonZero: Step = onFloat((b, x) => whole(b.node('NonZero', [x.name])));
const unique: Step = onFloat((b, x) => float(b.node('Unique', [x.name])));

/** Operators for tables of samples and features: each is asked about other ranks, too. */
const featureStep: Step = onFloat((b, x) => {
  const count = b.random.pick([1, x.shape.at(-1) ?? 1, x.shape.at(0) ?? 1, x.shape.at(1) ?? 1]);
  const list = (draw = () => b.random.between(1, 4)) => ({ floats: Array.from({ length: count }, draw) });
  const made = b.random.pick<() => string>([
    () => b.node('ai.onnx.ml:Scaler', [x.name], { offset: list(), scale: list() }),
    () =>
      b.node('ai.onnx.ml:Imputer', [x.name], {
        imputed_value_floats: list(),
        replaced_value_float: { float: 0 },
      }),
    () => b.node('ai.onnx.ml:Normalizer', [x.name], { norm: { text: b.random.pick(['MAX', 'L1', 'L2']) } }),
    () => b.node('ai.onnx.ml:Binarizer', [x.name], { threshold: { float: 0.5 } }),
    () => b.node('ai.onnx.ml:ArrayFeatureExtractor', [x.name, indices(b, x.shape.at(-1) ?? 1, [2])]),
    () => {
      const other = b.pick('float', (rank) => rank === x.shape.length) ?? x;
      const widths = [x, other].map(({ shape }) => shape.at(-1) ?? 1);
      return b.node('ai.onnx.ml:FeatureVectorizer', [x.name, other.name], {
        inputdimensions: { ints: widths },
      });
    },
  ]);
  return float(made());
});

/** What the runtime makes of several nodes. */
const fusedStep: Step = onFloat(
  (b, x) => {
    const size = x.shape.at(-1) ?? 1;
    const other = b.pick('float', (rank) => rank === x.shape.length) ?? x;
    const flag = () => ({ int: b.random.between(0, 1) });
    const made = b.random.pick<() => string>([
      () => b.node('com.microsoft:Gelu', [x.name]),
      () => b.node('com.microsoft:QuickGelu', [x.name]),
      () => b.node('com.microsoft:BiasGelu', [x.name, b.floats([size])]),
      () => b.node('com.microsoft:FastGelu', [x.name, b.floats([size])]),
      () =>
        b.node('com.microsoft:SkipLayerNormalization', [
          x.name,
          b.chance(0.5) ? other.name : b.floats(b.broadcastable(x.shape)),
          b.floats([size]),
        ]),
      () =>
        b.node('com.microsoft:FusedMatMul', [x.name, b.chance(0.5) ? other.name : b.floats([size, 2])], {
          transA: flag(),
          transB: flag(),
        }),
      () =>
        b.node('com.microsoft:Attention', [x.name, b.floats([size, 3 * 2]), b.floats([6])], {
          num_heads: { int: b.random.between(1, 2) },
        }),
      () => b.node('com.microsoft:TransposeMatMul', [x.name, other.name]),
    ]);
    return float(made());
  },
  (rank) => rank > 1,
);

/** Cuts a region out, and makes it larger. */
const cropAndResize: Step = onFloat(
  (b, x) => {
    const { length } = x.shape;
    const region = Array.from({ length: 2 * length }, (_, i) => {
      const end = i < length ? 0 : 1;
      return b.chance(0.8) ? end : 0.5;
    });
    const scales = x.shape.map((_, axis) => (axis < 2 ? 1 : b.random.pick([1, 2])));
    return float(
      b.node(
        'Resize',
        [
          x.name,
          b.floats([2 * length], () => region.shift() ?? 0),
          b.floats([length], () => scales.shift() ?? 1),
        ],
        { mode: { text: 'linear' }, coordinate_transformation_mode: { text: 'tf_crop_and_resize' } },
      ),
    );
  },
  (rank) => rank === 4,
);

/** A step of each kind is drawn equally often. */
export const steps: Readonly<Record<string, Step>> = {
  unary: (b) => unaryStep(b.random.pick(unary.split(' ')))(b),
  binary: (b) =>
    binaryStep(b.random.pick(['Add', 'Div', 'Max', 'Mean', 'Min', 'Mul', 'Pow', 'Sub', 'Sum']), 'float')(b),
  compare: (b) =>
    binaryStep(b.random.pick(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']), 'bool')(b),
  reduce: (b) =>
    reduceStep(
      b.random.pick([
        'ReduceL1',
        'ReduceL2',
        'ReduceLogSumExp',
        'ReduceMax',
        'ReduceMean',
        'ReduceMin',
        'ReduceSum',
        'ReduceSumSquare',
      ]),
    )(b),
  alongAxis: (b) => axisStep(b.random.pick(['Hardmax', 'LogSoftmax', 'LpNormalization', 'Softmax']))(b),
  meanVariance: onFloat((b, x) =>
    float(b.node('MeanVarianceNormalization', [x.name], { axes: { ints: b.axes(x) } })),
  ),
  reshape,
  transpose,
  slice,
  concat,
  split,
  gather,
  lookUp,
  gatherElements,
  gatherNd,
  scatterElements,
  scatterNd,
  pad,
  tile,
  expand,
  matMul,
  gemm,
  einsum,
  convolution,
  transposedConvolution,
  maxPool: pooling('MaxPool'),
  averagePool: pooling('AveragePool'),
  globalPool: (b) => pooling(b.random.pick(['GlobalAveragePool', 'GlobalMaxPool']))(b),
  localResponse: onFloat(
    (b, x) => float(b.node('LRN', [x.name], { size: { int: 3 } })),
    (rank) => rank > 2,
  ),
  instanceNormalization,
  layerNormalization,
  batchNormalization,
  topK,
  argMax,
  oneHot,
  where,
  fromTruth,
  fromWhole,
  toWhole,
  isNaN: onFloat((b, x) => truth(b.node(b.random.pick(['IsNaN', 'IsInf']), [x.name]))),
  clip,
  squeeze,
  unsqueeze,
  flatten,
  cumulative,
  sizes,
  filled,
  range,
  rearrange,
  resize,
  trilu,
  reverse,
  quantize,
  dynamic,
  recurrent,
  gridSample,
  compress,
  nonZero,
  unique,
  features: featureStep,
  fused: fusedStep,
  cropAndResize,
};
