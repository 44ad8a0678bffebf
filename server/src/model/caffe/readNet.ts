import { isConverted, layerTypeOf, unconverted, type CaffeLayerType } from './layerTypes.ts';
import { parsePrototxt, TextError, type TextMessage } from './prototxt.ts';

/** A network as a `.prototxt` describes it, without weights. */
export interface CaffeNet {
  readonly inputs: readonly CaffeInput[];
  readonly layers: readonly CaffeLayer[];
}

export interface CaffeInput {
  readonly name: string;
  /** With the batch before it. */
  readonly dims: readonly number[];
}

export interface CaffeLayer {
  readonly name: string;
  readonly type: CaffeLayerType;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
  readonly message: TextMessage;
}

/** A network that is not converted: the rest of a sentence that begins with its file. */
export class CaffeRefusal extends Error {
  override readonly name = 'CaffeRefusal';
}

/** Reads a network, in the form of today or the older one (`layers`). Layers of the training alone are left out.
 *  @throws CaffeRefusal */
export function readNet(text: string): CaffeNet {
  const net = parsed(text);
  if ((net.fields.get('layer') ?? net.fields.get('layers') ?? []).length === 0)
    throw new CaffeRefusal(
      texts(net, 'net').length + texts(net, 'train_net').length > 0
        ? 'describes how a network is trained. Name the network that is deployed.'
        : 'describes no layers, so it is no network of Caffe.',
    );
  const messages = [...messagesOf(net, 'layer'), ...messagesOf(net, 'layers')].filter(isDeployed);
  const layers = messages.map(layerOf);
  const ofLayers = layers
    .filter(({ type }) => type === 'Input')
    .flatMap(({ tops, message }) => {
      const shapes = messagesOf(messagesOf(message, 'input_param')[0], 'shape');
      return tops.map((name, i) => ({ name, dims: numbers(shapes[i] ?? shapes[0], 'dim') }));
    });
  const inputs = [...declaredInputs(net), ...ofLayers];
  if (inputs.length === 0)
    throw new CaffeRefusal('names no input. Write one: input: "data" with its input_shape.');
  for (const { name, dims } of inputs)
    if (dims.length === 0)
      throw new CaffeRefusal(`gives no shape to its input "${name}". Write one: input_shape { dim: … }.`);
  return { inputs, layers: layers.filter(({ type }) => type !== 'Input') };
}

function parsed(text: string): TextMessage {
  try {
    return parsePrototxt(text);
  } catch (error) {
    if (error instanceof TextError) throw new CaffeRefusal(`is no network of Caffe: ${error.message}.`);
    throw error;
  }
}

function declaredInputs(net: TextMessage): readonly CaffeInput[] {
  const shapes = messagesOf(net, 'input_shape');
  const flat = numbers(net, 'input_dim');
  return texts(net, 'input').map((name, i) => ({
    name,
    dims: shapes.length > 0 ? numbers(shapes[i], 'dim') : flat.slice(4 * i, 4 * i + 4),
  }));
}

/** By its rules for phases, where it has some. */
function isDeployed(layer: TextMessage): boolean {
  const phases = (field: string) => messagesOf(layer, field).flatMap((rule) => texts(rule, 'phase'));
  const [included, excluded] = [phases('include'), phases('exclude')];
  return (included.length === 0 || included.includes('TEST')) && !excluded.includes('TEST');
}

function layerOf(message: TextMessage): CaffeLayer {
  const name = texts(message, 'name')[0] ?? '';
  const type = layerTypeOf(texts(message, 'type')[0] ?? '');
  if (!isConverted(type))
    throw new CaffeRefusal(`is not converted: line ${message.line}: ${unconverted(name, type)}`);
  return { name, type, bottoms: texts(message, 'bottom'), tops: texts(message, 'top'), message };
}

/** Those values of a field that are messages. */
export function messagesOf(message: TextMessage | undefined, field: string): readonly TextMessage[] {
  return (message?.fields.get(field) ?? []).filter((value) => typeof value !== 'string');
}

export function texts(message: TextMessage | undefined, field: string): readonly string[] {
  return (message?.fields.get(field) ?? []).filter((value) => typeof value === 'string');
}

export function numbers(message: TextMessage | undefined, field: string): readonly number[] {
  return texts(message, field).map((text) => {
    const value = Number(text.replace(/f$/i, ''));
    if (Number.isNaN(value)) throw new CaffeRefusal(`has ${text} where ${field} is a number.`);
    return value;
  });
}
