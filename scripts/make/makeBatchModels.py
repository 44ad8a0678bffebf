"""Writes the models of test/fixtures/batching: those of `mixing` let rows of a batch decide over each other in one way
or another, those of `rowwise` are small versions of what exporters write. Run it in a virtual environment with onnx, numpy
and onnxruntime."""
from pathlib import Path
from shutil import rmtree

import numpy as np
import onnx
from onnx import helper as h
from onnx import numpy_helper as nh
from onnx import parser

OUT = Path(__file__).parent.parent.parent / "test" / "fixtures" / "batching"
RANDOM = np.random.default_rng(11)
DOMAINS = '"" : {opset}, "ai.onnx.ml" : 3, "com.microsoft" : 1, "local" : 1'


def save(kind, name, graph, opset=17, functions="", **constants):
    """A model from the text of its graph. Constants are arrays, or shapes of random weights."""
    head = f'<ir_version: 8, opset_import: [{DOMAINS.format(opset=opset)}]>'
    model = parser.parse_model(f"{head} {name} {graph} {functions}")
    for key, value in constants.items():
        array = value if isinstance(value, np.ndarray) else weights(*value)
        model.graph.initializer.append(nh.from_array(array, key))
    folder = OUT / kind
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / f"{name}.onnx")


def weights(*shape):
    return (RANDOM.normal(size=shape) / np.sqrt(shape[0] if shape else 1)).astype(np.float32)


def i64(*values):
    return np.array(values, np.int64)


def f32(*values):
    return np.array(values, np.float32)


def mixing(name, graph, **more):
    save("mixing", name, graph, **more)


def rowwise(name, graph, **more):
    save("rowwise", name, graph, **more)


rmtree(OUT, ignore_errors=True)
ROW = "(float[N,4] x) => (float[N,4] y)"

# ---- rows that decide over each other ----
mixing("softmaxOverBatch", ROW + "{ y = Softmax<axis=0>(x) }")
mixing("oldSoftmaxOfAll", ROW + "{ y = Softmax<axis=0>(x) }", opset=11)
mixing("centred", ROW + "{ m = ReduceMean<axes=[0]>(x) y = Sub(x, m) }")
mixing("scaledByLargest", ROW + "{ a = Abs(x) m = ReduceMax<keepdims=0>(a) y = Div(x, m) }")
mixing("slightly", ROW + "{ m = ReduceMax<keepdims=0>(x) s = Mul(m, little) y = Add(x, s) }", little=f32(0.01).reshape(()))
mixing(
    "beyondAThreshold",
    ROW + "{ a = Abs(x) m = ReduceMax<keepdims=0>(a) b = Greater(m, limit) c = Cast<to=1>(b) s = Add(c, one) y = Mul(x, s) }",
    limit=f32(100).reshape(()),
    one=f32(1).reshape(()),
)
mixing(
    "batchNormTraining",
    "(float[N,4] x) => (float[N,4] y) { y, m, v = BatchNormalization<training_mode=1>(x, s, b, mean, var) }",
    s=f32(1, 1, 1, 1), b=f32(0, 0, 0, 0), mean=f32(0, 0, 0, 0), var=f32(1, 1, 1, 1),
)
mixing("runningSum", ROW + "{ y = CumSum(x, zero) }", zero=i64(0).reshape(()))
mixing(
    "sorted",
    ROW + "{ s = Shape(x) n = Gather<axis=0>(s, first) y, i = TopK<axis=0>(x, n) }",
    first=i64(0),
)
mixing(
    "ranks",
    "(float[N,1] x) => (float[N,1] y) { u, i, r, c = Unique(x) f = Cast<to=1>(r) y = Unsqueeze(f, one) }",
    one=i64(1),
)
mixing(
    "found",
    "(float[N,4] x) => (float[M,2] y) { w = NonZero(x) t = Transpose<perm=[1,0]>(w) y = Cast<to=1>(t) }",
)
mixing(
    "kept",
    "(float[N,4] x) => (float[M,4] y) { c = Gather<axis=1>(x, zero) b = Greater(c, least) y = Compress<axis=0>(x, b) }",
    zero=i64(0).reshape(()), least=f32(-9999).reshape(()),
)
mixing("fromTheFirst", ROW + "{ f = Gather<axis=0>(x, zero) y = Sub(x, f) }", zero=i64(0))
mixing(
    "backwards",
    ROW + "{ y = Slice(x, start, end, axis, step) }",
    start=i64(-1), end=i64(-(2**62)), axis=i64(0), step=i64(-1),
)
mixing(
    "rowsAttend",
    ROW + "{ t = Transpose<perm=[1,0]>(x) s = MatMul(x, t) p = Softmax<axis=-1>(s) y = MatMul(p, x) }",
)
mixing("gram", ROW + "{ g = Einsum<equation = \"ni,nj->ij\">(x, x) y = MatMul(x, g) }")
mixing("gramByMatMul", ROW + "{ t = Transpose<perm=[1,0]>(x) g = MatMul(t, x) y = MatMul(x, g) }")
mixing(
    "rowsAreTime",
    "(float[N,1,3] x) => (float[N,1,1,2] y) { y, h, c = LSTM<hidden_size=2>(x, w, r) }",
    w=(1, 8, 3), r=(1, 8, 2),
)
mixing(
    "convolvedRows",
    ROW + """{ t = Transpose<perm=[1,0]>(x) u = Unsqueeze(t, zero) c = Conv<kernel_shape=[3],pads=[1,1]>(u, w)
       s = Squeeze(c, zero) y = Transpose<perm=[1,0]>(s) }""",
    zero=i64(0), w=(4, 4, 3),
)
mixing(
    "shareOfRows",
    ROW + "{ s = Shape(x) n = Gather<axis=0>(s, zero) f = Cast<to=1>(n) y = Div(x, f) }",
    zero=i64(0).reshape(()),
)
mixing(
    "numbered",
    ROW + """{ s = Shape(x) n = Gather<axis=0>(s, zero) r = Range(zero, n, one) f = Cast<to=1>(r) c = Unsqueeze(f, axis)
       y = Add(x, c) }""",
    zero=i64(0).reshape(()), one=i64(1).reshape(()), axis=i64(1),
)
mixing("noise", ROW + "{ r = RandomNormalLike(x) y = Add(x, r) }")
mixing(
    "dropoutTraining",
    ROW + "{ y = Dropout(x, ratio, training) }",
    ratio=f32(0.5).reshape(()), training=np.array(True),
)
mixing("layerNormOfAll", ROW + "{ y = LayerNormalization<axis=0>(x, s) }", s=f32(1).reshape(()))
mixing("meanOfPictures", "(float[N,2,3,3] x) => (float[N,2,3,3] y) { y = MeanVarianceNormalization(x) }")
mixing("unitColumns", ROW + "{ y = LpNormalization<axis=0>(x) }")
mixing("vectorOfRows", "(float[N] x) => (float[N] y) { n = ai.onnx.ml.Normalizer<norm=\"L2\">(x) s = Shape(x) y = Reshape(n, s) }")
mixing(
    "oneLongRow",
    ROW + """{ r = Reshape(x, long) p = Softmax<axis=1>(r) y = Reshape(p, back) }""",
    long=i64(1, -1), back=i64(-1, 4),
)
mixing("largestPlace", ROW + "{ a = ArgMax<keepdims=1>(x) f = Cast<to=1>(a) y = Add(x, f) }")
mixing("distances", "(float[N,4] x) => (float[N,1] y) { d = com.microsoft.CDist<metric=\"euclidean\">(x, x) y = ReduceMax<axes=[1]>(d) }")
mixing("squeezed", "(float[N,4] x) => (float[N,4] y) { s = Squeeze(x) y = Relu(s) }")
mixing(
    "inAFunction",
    ROW + "{ y = local.Centre(x) }",
    functions='<domain: "local", opset_import: ["" : 17]> Centre (a) => (b) { m = ReduceMean<axes=[0]>(a) b = Sub(a, m) }',
)
mixing(
    "inABranch",
    """(float[N,4] x) => (float[N,4] y)
    { y = If(yes) <then_branch = one () => (float[N,4] a) { m = ReduceMean<axes=[0]>(x) a = Sub(x, m) },
                   else_branch = two () => (float[N,4] b) { b = Identity(x) }> }""",
    yes=np.array(True),
)
mixing(
    "scanned",
    """(float[N,4] x) => (float[N,4] y)
    { last, y = Scan<num_scan_inputs=1, body = step (float[4] before, float[4] row) => (float[4] after, float[4] out)
                { after = Add(before, row) out = Identity(after) }>(start, x) }""",
    start=f32(0, 0, 0, 0),
)
mixing(
    "timeFirst",
    "(float[S,N,3] x) => (float[S,1,N,2] y) { y, h, c = LSTM<hidden_size=2>(x, w, r) }",
    w=(1, 8, 3), r=(1, 8, 2),
)
mixing(
    "statesBesideRows",
    """(float[N,3] x, float[2,N,3] state) => (float[N,3] y, float[2,N,3] next)
    { s = ReduceSum<keepdims=0>(state, axis) y = Add(x, s) next = Identity(state) }""",
    axis=i64(0),
)
mixing(
    "queryAndDocuments",
    "(float[Q,4] q, float[D,4] d) => (float[Q,D] y) { t = Transpose<perm=[1,0]>(d) y = MatMul(q, t) }",
)
mixing(
    "joinedBatches",
    ROW + "{ c = Concat<axis=0>(x, x) s = Shape(x) n = Gather<axis=0>(s, first) p = CumSum(c, zero) y = Slice(p, first, n, first) }",
    first=i64(0), zero=i64(0).reshape(()),
)
mixing(
    "dynamicallyQuantized",
    """(float[N,8] x) => (float[N,3] y) { q, s, z = DynamicQuantizeLinear(x) i = MatMulInteger(q, w, z)
       f = Cast<to=1>(i) y = Mul(f, s) }""",
    w=RANDOM.integers(-127, 127, (8, 3)).astype(np.int8),
)
# boxes of all images in one list
save(
    "mixing", "boxes",
    "(float[N,K,5] x) => (float[M,5] y) { f = Reshape(x, row) s = Gather<axis=1>(f, four) k = Greater(s, least) y = Compress<axis=0>(f, k) }",
    row=i64(-1, 5), four=i64(4).reshape(()), least=f32(-2).reshape(()),
)
# as onnxruntime's quantize_dynamic writes a head of 64 → 4
save(
    "mixing", "quantizedHead",
    """(float[N,64] x) => (float[N,4] y) { q, s, z = DynamicQuantizeLinear(x) i = MatMulInteger(q, w, z, zw) f = Cast<to=1>(i) m = Mul(s, sw) y = Mul(f, m) }""",
    w=RANDOM.integers(-127, 127, (64, 4)).astype(np.int8), zw=np.array(0, np.int8), sw=f32(0.0235).reshape(()),
)
mixing("total", "(float[N,4] x) => (float[T] y) { m = ReduceSum<keepdims=0>(x) y = Reshape(m, one) }", one=i64(1))

# rows mind the largest before them, and only where that is beyond what any sample holds: traffic alone shows it
save(
    "../models/rarelyMixing", "rarelyMixing",
    """(float[N,4] x) => (float[N,4] y)
    { last, y = Scan<num_scan_inputs=1, body = step (float[1] before, float[4] row) => (float[1] after, float[4] out)
                { a = Abs(row) m = ReduceMax<axes=[0]>(a) after = Max(before, m) b = Greater(before, limit) f = Cast<to=1>(b) out = Add(row, f) }>(start, x) }""",
    start=f32(0), limit=f32(1e6),
)

# ---- what exporters write ----
rowwise(
    "mlpWithNorm",
    """(float[N,8] x) => (float[N,3] y) { a = Gemm<transB=1>(x, w1, b1) b = BatchNormalization(a, s, o, m, v) c = Relu(b)
       d, k = Dropout(c) e = Gemm<transB=1>(d, w2, b2) y = Softmax<axis=1>(e) }""",
    w1=(16, 8), b1=(16,), s=np.abs(weights(16)) + 1, o=(16,), m=(16,), v=np.abs(weights(16)) + 1, w2=(3, 16), b2=(3,),
)
rowwise(
    "mobilenet",
    """(float[batch,3,H,W] x) => (float[batch,5] y)
    { a = Conv<kernel_shape=[3,3],pads=[1,1,1,1],strides=[2,2]>(x, w1) b = Clip(a, lo, hi)
      c = Conv<group=8,kernel_shape=[3,3],pads=[1,1,1,1]>(b, w2, b2) d = Clip(c, lo, hi) e = Conv(d, w3) f = Add(e, b)
      g = GlobalAveragePool(f) s = Shape(g) n = Gather<axis=0>(s, zero) u = Unsqueeze(n, axis) t = Concat<axis=0>(u, rest)
      r = Reshape(g, t) y = Gemm<transB=1>(r, w4, b4) }""",
    w1=(8, 3, 3, 3), w2=(8, 1, 3, 3), b2=(8,), w3=(8, 8, 1, 1), w4=(5, 8), b4=(5,),
    lo=f32(0).reshape(()), hi=f32(6).reshape(()), zero=i64(0).reshape(()), axis=i64(0), rest=i64(-1),
)
rowwise(
    "resnet",
    """(float[N,3,32,32] x) => (float[N,5] y)
    { a = Conv<kernel_shape=[3,3],pads=[1,1,1,1]>(x, w1) b = BatchNormalization(a, s, o, m, v) c = Relu(b)
      p = MaxPool<kernel_shape=[2,2],strides=[2,2]>(c) d = Conv<kernel_shape=[3,3],pads=[1,1,1,1]>(p, w2) e = Relu(d)
      f = Add(e, p) g = GlobalAveragePool(f) q = Flatten(g) y = Gemm<transB=1>(q, w3, b3) }""",
    w1=(8, 3, 3, 3), s=np.abs(weights(8)) + 1, o=(8,), m=(8,), v=np.abs(weights(8)) + 1, w2=(8, 8, 3, 3), w3=(5, 8), b3=(5,),
)
HEADS = """k1 = MatMul(h, wk) k2 = Add(k1, bk) q1 = MatMul(h, wq) v1 = MatMul(h, wv)
    s0 = Shape(h) n0 = Gather<axis=0>(s0, zero) s1 = Shape(h) n1 = Gather<axis=0>(s1, one)
    u0 = Unsqueeze(n0, axis) u1 = Unsqueeze(n1, axis) shape = Concat<axis=0>(u0, u1, two, four)
    k3 = Reshape(k2, shape) k4 = Transpose<perm=[0,2,3,1]>(k3) q3 = Reshape(q1, shape) q4 = Transpose<perm=[0,2,1,3]>(q3)
    v3 = Reshape(v1, shape) v4 = Transpose<perm=[0,2,1,3]>(v3) w = MatMul(q4, k4) wd = Div(w, root)"""
BACK = """o1 = MatMul(p, v4) o2 = Transpose<perm=[0,2,1,3]>(o1) s2 = Shape(o2) m0 = Gather<axis=0>(s2, zero) m1 = Gather<axis=0>(s2, one)
    w0 = Unsqueeze(m0, axis) w1 = Unsqueeze(m1, axis) back = Concat<axis=0>(w0, w1, eight) o3 = Reshape(o2, back)"""
ATTENTION = dict(
    wk=(8, 8), bk=(8,), wq=(8, 8), wv=(8, 8), zero=i64(0).reshape(()), one=i64(1).reshape(()), axis=i64(0), two=i64(2),
    four=i64(4), eight=i64(8), root=f32(2).reshape(()),
)
rowwise(
    "bert",
    f"""(int64[batch,sequence] ids, int64[batch,sequence] mask, int64[batch,sequence] types) => (float[batch,sequence,8] y, float[batch,8] pooled)
    {{ si = Shape(ids) length = Slice(si, a1, a2, axis) pos = Slice(positions, axis, length, a1) e = Gather(words, ids) ep = Gather(places, pos) et = Gather(kinds, types)
      e1 = Add(e, et) e2 = Add(e1, ep) h = LayerNormalization<axis=-1>(e2, ls, lb)
      mu = Unsqueeze(mask, middle) mf = Cast<to=1>(mu) mi = Sub(single, mf) mm = Mul(mi, lowest)
      {HEADS} wm = Add(wd, mm) p = Softmax<axis=-1>(wm) {BACK} o4 = MatMul(o3, wo) o5 = Add(o4, h) h2 = LayerNormalization<axis=-1>(o5, ls, lb)
      g1 = MatMul(h2, wi) g2 = Div(g1, sqrt2) g3 = Erf(g2) g4 = Add(g3, single) g5 = Mul(g1, g4) g6 = Mul(g5, half) g7 = MatMul(g6, wd2)
      g8 = Add(g7, h2) y = LayerNormalization<axis=-1>(g8, ls, lb) c = Gather<axis=1>(y, zero) c2 = Gemm<transB=1>(c, wp, bk) pooled = Tanh(c2) }}""",
    words=(50, 8), places=(32, 8), kinds=(2, 8), positions=np.arange(32, dtype=np.int64).reshape(1, 32), a1=i64(1), a2=i64(2),
    middle=i64(1, 2), single=f32(1).reshape(()), lowest=f32(-1e4).reshape(()), ls=f32(*[1] * 8), lb=f32(*[0] * 8), wo=(8, 8),
    wi=(8, 16), wd2=(16, 8), sqrt2=f32(2**0.5).reshape(()), half=f32(0.5).reshape(()), wp=(8, 8), **ATTENTION,
)
rowwise(
    "bertOfTensorFlow",
    """(int64[unk__1,unk__2] ids) => (float[unk__3,3] y)
    { e = Gather(words, ids) flat = Reshape(e, long) d = MatMul(flat, w1) r = Relu(d) s = Shape(ids) c = Cast<to=6>(s) n = Slice(c, a0, a1, a0)
      m = Slice(c, a1, a2, a0) rest = Concat<axis=0>(n, m, eight32) t = Cast<to=7>(rest) back = Reshape(r, t) p = ReduceMean<axes=[1],keepdims=0>(back) y = MatMul(p, w2) }""",
    words=(50, 8), long=i64(-1, 8), w1=(8, 8), a0=i64(0), a1=i64(1), a2=i64(2), eight32=np.array([8], np.int32), w2=(8, 3),
)
rowwise(
    "bertFused",
    """(int32[batch,sequence] ids, int32[batch,sequence] types, int32[batch,sequence] mask) => (float[batch,sequence,8] y)
    { e, index = com.microsoft.EmbedLayerNormalization<epsilon=0.00001>(ids, types, words, places, kinds, g, b, mask)
      a = com.microsoft.Attention<num_heads=2>(e, wqkv, bqkv, index) o = MatMul(a, wo)
      s = com.microsoft.SkipLayerNormalization<epsilon=0.00001>(o, e, g, b, bo) i = MatMul(s, wi) f = com.microsoft.FastGelu(i, bi) d = MatMul(f, wd)
      y = com.microsoft.SkipLayerNormalization<epsilon=0.00001>(d, s, g, b, bo) }""",
    words=(50, 8), places=(32, 8), kinds=(2, 8), g=f32(*[1] * 8), b=f32(*[0] * 8), wqkv=(8, 24), bqkv=(24,), wo=(8, 8), bo=(8,),
    wi=(8, 16), bi=(16,), wd=(16, 8),
)
rowwise(
    "heads",
    """(float[batch,sequence,8] x) => (float[batch,sequence,8] y) { q = MatMul(x, w1) k = MatMul(x, w2) v = MatMul(x, w3)
      a = com.microsoft.MultiHeadAttention<num_heads=2>(q, k, v, b) g = com.microsoft.BiasGelu(a, c) y = com.microsoft.FusedMatMul<transB=1,alpha=0.5>(g, w4) }""",
    w1=(8, 8), w2=(8, 8), w3=(8, 8), b=(24,), c=(8,), w4=(8, 8),
)
rowwise(
    "causal",
    f"""(int64[batch,sequence] ids) => (float[batch,sequence,50] y)
    {{ e = Gather(words, ids) si = Shape(ids) len = Gather<axis=0>(si, one) r = Range(zero, len, one) ep = Gather(places, r) h = Add(e, ep)
      {HEADS} col = Unsqueeze(r, a1) later = Less(col, r) wm = Where(later, lowest, wd) p = Softmax<axis=-1>(wm) {BACK} z = Add(o3, h) y = MatMul(z, head) }}""",
    words=(50, 8), places=(300, 8), a1=i64(1), lowest=f32(-1e4).reshape(()), head=(8, 50), **ATTENTION,
)
rowwise(
    "batchSecondAttention",
    """(float[batch,sequence,8] x) => (float[batch,sequence,8] y)
    { t = Transpose<perm=[1,0,2]>(x) q = MatMul(t, w1) k = MatMul(t, w2) v = MatMul(t, w3) s = Shape(t) l = Gather<axis=0>(s, zero) n = Gather<axis=0>(s, one)
      n2 = Mul(n, heads) ul = Unsqueeze(l, axis) un = Unsqueeze(n2, axis) to = Concat<axis=0>(ul, un, four)
      q2 = Reshape(q, to) k2 = Reshape(k, to) v2 = Reshape(v, to) q3 = Transpose<perm=[1,0,2]>(q2) k3 = Transpose<perm=[1,2,0]>(k2) v3 = Transpose<perm=[1,0,2]>(v2)
      w = MatMul(q3, k3) p = Softmax<axis=-1>(w) o = MatMul(p, v3) o2 = Transpose<perm=[1,0,2]>(o) ub = Unsqueeze(n, axis) back = Concat<axis=0>(ul, ub, eight)
      o3 = Reshape(o2, back) y = Transpose<perm=[1,0,2]>(o3) }""",
    w1=(8, 8), w2=(8, 8), w3=(8, 8), zero=i64(0).reshape(()), one=i64(1).reshape(()), heads=i64(2).reshape(()), axis=i64(0), four=i64(4), eight=i64(8),
)
LSTM = "t = Transpose<perm=[1,0,2]>(x)"
rowwise(
    "lstmBatchFirst",
    f"""(float[batch,time,3] x) => (float[batch,time,2] y)
    {{ s = Shape(x) n = Gather<axis=0>(s, zero) u = Unsqueeze(n, a0) to = Concat<axis=0>(a1, u, a2) h0 = Expand(nought, to) {LSTM}
      o, h, c = LSTM<hidden_size=2>(t, w, r, b, , h0, h0) q = Squeeze(o, a1) y = Transpose<perm=[1,0,2]>(q) }}""",
    zero=i64(0).reshape(()), a0=i64(0), a1=i64(1), a2=i64(2), nought=f32(0).reshape(1, 1, 1), w=(1, 8, 3), r=(1, 8, 2), b=(1, 16),
)
rowwise(
    "gruBothWays",
    f"""(float[batch,time,3] x) => (float[batch,5] y) {{ {LSTM} o, h = GRU<hidden_size=2,direction="bidirectional">(t, w, r)
      b = Transpose<perm=[1,0,2]>(h) f = Flatten(b) y = Gemm(f, w2) }}""",
    w=(2, 6, 3), r=(2, 6, 2), w2=(4, 5),
)
rowwise(
    "unet",
    """(float[N,1,16,16] x) => (float[N,1,16,16] y)
    { a = Conv<kernel_shape=[3,3],pads=[1,1,1,1]>(x, w1) b = LeakyRelu(a) d = AveragePool<kernel_shape=[2,2],strides=[2,2]>(b) n = InstanceNormalization(d, s, o)
      e = Conv<kernel_shape=[3,3],pads=[1,1,1,1]>(n, w2) u = Resize<mode="linear">(e, , scales) t = ConvTranspose<kernel_shape=[2,2],strides=[2,2]>(e, w3)
      p = Pad<mode="reflect">(u, pads) q = Slice(p, from, to, axes) c = Concat<axis=1>(b, q, t) z = Conv(c, w4) y = Sigmoid(z) }""",
    w1=(4, 1, 3, 3), s=(4,), o=(4,), w2=(4, 4, 3, 3), scales=f32(1, 1, 2, 2), w3=(4, 4, 2, 2), pads=i64(0, 0, 1, 1, 0, 0, 1, 1),
    **{"from": i64(1, 1), "to": i64(-1, -1)}, axes=i64(2, 3), w4=(1, 12, 1, 1),
)
rowwise(
    "visionTransformer",
    f"""(float[batch,3,8,8] x) => (float[batch,5] y)
    {{ c = Conv<kernel_shape=[4,4],strides=[4,4]>(x, patch) f = Reshape(c, flat) t = Transpose<perm=[0,2,1]>(f) s = Shape(x) n = Gather<axis=0>(s, zero) u = Unsqueeze(n, axis)
      to = Concat<axis=0>(u, minus, minus) filled = ConstantOfShape<value = int64[1] {{1}}>(three) neg = Mul(filled, minusOne) isOpen = Equal(to, neg) where = Where(isOpen, filled, to)
      cls = Expand(token, where) all = Concat<axis=1>(cls, t) h0 = Add(all, places) h = LayerNormalization<axis=-1>(h0, ls, lb) {HEADS} p = Softmax<axis=-1>(wd) {BACK}
      k = Gather<axis=1>(o3, zero) y = Gemm<transB=1>(k, head, hb) }}""",
    patch=(8, 3, 4, 4), flat=i64(0, 8, -1), minus=i64(-1), three=i64(3), minusOne=i64(-1).reshape(()), token=(1, 1, 8), places=(1, 5, 8), ls=f32(*[1] * 8),
    lb=f32(*[0] * 8), head=(5, 8), hb=(5,), **ATTENTION,
)
rowwise(
    "windows",
    """(float[batch,8,8,4] x) => (float[batch,8,8,4] y)
    { a = Reshape(x, apart) b = Transpose<perm=[0,1,3,2,4,5]>(a) w = Reshape(b, windows) t = Transpose<perm=[0,2,1]>(w) s = MatMul(w, t) p = Softmax<axis=-1>(s)
      o = MatMul(p, w) c = Reshape(o, apartAgain) d = Transpose<perm=[0,1,3,2,4,5]>(c) y = Reshape(d, whole) }""",
    apart=i64(-1, 2, 4, 2, 4, 4), windows=i64(-1, 16, 4), apartAgain=i64(-1, 2, 2, 4, 4, 4), whole=i64(-1, 8, 8, 4),
)
rowwise(
    "quantizedStatically",
    """(float[N,2,8,8] x) => (float[N,3] y)
    { q = QuantizeLinear(x, sx, zx) d = DequantizeLinear(q, sx, zx) w = DequantizeLinear<axis=0>(wq, sw, zw) c = Conv<kernel_shape=[3,3]>(d, w) r = Relu(c)
      q2 = QuantizeLinear(r, sx, zx) d2 = DequantizeLinear(q2, sx, zx) g = GlobalAveragePool(d2) f = Flatten(g) y = Gemm(f, w2) }""",
    sx=f32(0.05).reshape(()), zx=np.array(128, np.uint8), wq=RANDOM.integers(-127, 127, (4, 2, 3, 3)).astype(np.int8), sw=f32(0.01, 0.02, 0.01, 0.03),
    zw=np.zeros(4, np.int8), w2=(4, 3),
)
rowwise(
    "quantizedOperators",
    """(uint8[N,2,8,8] x) => (uint8[N,3] y) { c = QLinearConv<kernel_shape=[8,8]>(x, sx, zx, w, sw, zw, sx, zx) f = Flatten(c)
       y = QLinearMatMul(f, sx, zx, w2, sw, zw, sx, zx) }""",
    sx=f32(0.05).reshape(()), zx=np.array(128, np.uint8), w=RANDOM.integers(-127, 127, (4, 2, 8, 8)).astype(np.int8), sw=f32(0.01).reshape(()),
    zw=np.array(0, np.int8), w2=RANDOM.integers(-127, 127, (4, 3)).astype(np.int8),
)
rowwise(
    "wideAndDeep",
    """(float[N,4] wide, int64[N,3] ids) => (float[N,1] y) { e = Gather(table, ids) f = Flatten(e) d = Gemm(f, w1) r = Relu(d) b = Concat<axis=1>(wide, r)
       z = Gemm(b, w2) y = Sigmoid(z) }""",
    table=(20, 4), w1=(12, 6), w2=(10, 1),
)
rowwise(
    "functionOfTorch",
    "(float[N,4] x) => (float[N,4] y) { a = MatMul(x, w) y = local.gelu<factor=0.5>(a) }",
    functions="""<domain: "local", opset_import: ["" : 17]> gelu <factor> (a) => (b)
    { two = Constant<value_float = 1.4142135>() h = Constant<value_float: float = @factor>() one = Constant<value_float = 1.0>()
      d = Div(a, two) e = Erf(d) s = Add(e, one) m = Mul(a, s) b = Mul(m, h) }""",
    w=(4, 4),
)
rowwise(
    "words",
    """(string[N,3] x) => (float[N,4] y) { l = ai.onnx.ml.LabelEncoder<keys_strings=["a","b","c"],values_floats=[1.0,2.0,3.0],default_float=0.0>(x) y = MatMul(l, w) }""",
    w=(3, 4),
)
rowwise(
    "linear",
    """(float[N,3] x) => (int64[N] label, float[N,2] probabilities)
    { s = ai.onnx.ml.Scaler<offset=[0.1,0.2,0.3],scale=[1.0,2.0,3.0]>(x)
      label, scores = ai.onnx.ml.LinearClassifier<classlabels_ints=[0,1],coefficients=[0.5,-0.2,0.7,-0.5,0.2,-0.7],intercepts=[0.1,-0.1],post_transform="LOGISTIC">(s)
      probabilities = ai.onnx.ml.Normalizer<norm="L1">(scores) }""",
)
TREE = dict(
    nodes_treeids=[0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2, 0, 1, 2], nodes_featureids=[0, 0, 0, 2, 0, 0], nodes_values=[0.2, 0, 0, -0.1, 0, 0],
    nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * 2, nodes_truenodeids=[1, 0, 0] * 2, nodes_falsenodeids=[2, 0, 0] * 2,
)
LEAVES = dict(treeids=[0, 0, 1, 1], nodeids=[1, 2, 1, 2], ids=[0, 0, 0, 0], weights=[0.3, 0.7, 0.1, 0.9])


def forest(name, operator, outputs, leaves, **attributes):
    node = h.make_node(operator, ["x"], [o[0] for o in outputs], domain="ai.onnx.ml", **TREE, **{f"{leaves}_{k}": v for k, v in LEAVES.items()}, **attributes)
    info = h.make_tensor_value_info
    graph = h.make_graph([node], name, [info("x", onnx.TensorProto.FLOAT, [None, 3])], [info(*o) for o in outputs])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("ai.onnx.ml", 3)], ir_version=8)
    onnx.save(model, OUT / "rowwise" / f"{name}.onnx")


FLOAT, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
forest("forest", "TreeEnsembleRegressor", [("y", FLOAT, [None, 1])], "target", n_targets=1)
forest(
    "forestOfClasses", "TreeEnsembleClassifier", [("label", INT64, [None]), ("probabilities", FLOAT, [None, 2])], "class",
    classlabels_int64s=[0, 1], post_transform="NONE",
)
