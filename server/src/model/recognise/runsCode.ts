import type { LocatedModel } from './detectModel.ts';

type Found = Pick<LocatedModel, 'type' | 'isPickle'>;

const ways: Partial<Record<Found['type'], string>> = {
  pytorch:
    'Save it as TorchScript in Python: torch.jit.trace(model, (example,)).save("model.pt"). For a file that you trust, write allowPickle: true',
  pickle:
    'Convert a model of scikit-learn to ONNX: cluster-serving convert. For a file that you trust, write allowPickle: true',
};

/** Why a pickle may not be loaded, as the rest of a sentence behind its name; undefined where it is none, or may be. */
export function forbiddenPickle({ type, isPickle }: Found, allowPickle: boolean): string | undefined {
  if (!isPickle || allowPickle) return undefined;
  return `is a pickle of Python, which runs code when it is loaded. ${ways[type] ?? ways.pickle ?? ''}.`;
}

/** What of a model folder a start runs as a program; undefined where the model is data alone. */
export function codeOf({ type, isPickle }: Found): string | undefined {
  if (isPickle) return 'is a pickle, and a start runs the code in it';
  return type === 'pythonModel' ? 'is a program of Python, and a start runs it' : undefined;
}
