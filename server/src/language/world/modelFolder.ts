import type { Problem } from '../../../../schemas/problems.ts';
import { nearest } from '../../config/nearest.ts';
import { problem } from '../../config/problem.ts';
import { detectModel, runnableTypes, type DetectedModel } from '../../model/detectModel.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';

/** Where modelPath leads; undefined when it is not set, or is no path of this machine. */
export function modelFolderOf({ uri, read }: ConfigText, files: Files): string | undefined {
  const path = valueOf(read, 'modelPath');
  const isElsewhere = /^[a-z][a-z0-9+.-]+:\/\//i.test(path) || path.includes('${env:');
  return path === '' || isElsewhere ? undefined : files.resolve(uri, path);
}

/** The model that a config would serve, where it is known. */
export async function modelOf(config: ConfigText, files: Files): Promise<DetectedModel | undefined> {
  const folder = modelFolderOf(config, files);
  const place = folder === undefined ? undefined : await files.look(folder);
  if (place?.kind !== 'folder') return undefined;
  const detected = detectModel(place.names);
  return 'type' in detected ? detected : undefined;
}

/** What is wrong with the folder that modelPath names. */
export async function checkModelFolder(config: ConfigText, files: Files): Promise<Problem[]> {
  const { valueRange: range } = config.read.origins.modelPath;
  const folder = modelFolderOf(config, files);
  if (!range || folder === undefined) return [];
  const place = await files.look(folder);
  const key = 'modelPath';
  switch (place.kind) {
    case 'missing': {
      const replacement = await likelyPath(config, files);
      const data = replacement === undefined ? { key } : { key, replacement };
      const hint = replacement === undefined ? '' : ` Is ${replacement} meant?`;
      return [problem('model-missing', range, `There is no folder ${folder}.${hint}`, data)];
    }
    case 'file':
      return [
        problem('model-missing', range, `${folder} is a file; name the folder that holds the model.`, {
          key,
        }),
      ];
    case 'unreadable':
      return [problem('model-missing', range, `${folder} cannot be read.`, { key })];
    case 'folder': {
      const detected = detectModel(place.names);
      if ('code' in detected)
        return [problem(detected.code, range, `${folder}: ${detected.message}`, { key })];
      const backend = valueOf(config.read, 'backend');
      if (runnableTypes[backend].includes(detected.type)) return [];
      const message = `${detected.file} is a ${detected.type} model, which the ${backend} backend cannot run; export it to ONNX${backend === 'flink' ? ', or start with --jar and a jar that runs it' : ''}.`;
      return [problem('model-unsupported', range, message, { key })];
    }
  }
}

/** The path with its last part put right, if a folder beside it has nearly that name. */
async function likelyPath({ uri, read }: ConfigText, files: Files): Promise<string | undefined> {
  const path = valueOf(read, 'modelPath').replace(/\/+$/, '');
  const cut = path.lastIndexOf('/') + 1;
  const above = files.resolve(uri, path.slice(0, cut) || '.');
  const parent = above === undefined ? undefined : await files.look(above);
  if (parent?.kind !== 'folder') return undefined;
  const folders = parent.names.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1));
  const like = nearest(path.slice(cut), folders.slice(0, 200));
  return like === undefined ? undefined : path.slice(0, cut) + like;
}
