import { configKeys } from '../../../../schemas/config/configKeys.ts';
import type { ConfigKey } from '../../../../schemas/config/configKey.ts';
import { spellingCalled } from '../../../../schemas/config/spellings.ts';
import { editDistance } from '../../config/nearest.ts';
import type { OutlineKey } from '../features/outline.ts';

/** Files of models that no runtime here reads, by the formats of training tools and of other servers. */
export const othersModels = /\.(?:pth?|ckpt|gguf|ggml|safetensors|h5|hdf5|pkl|joblib|mar|tar\.gz|tgz|zip)$/i;

/** Whether the value speaks for another program that has a key of the same name. A mere mistake is not strange: a file
 *  with one is to be reported, not ignored. */
export function isStrange(name: string, { value, children }: OutlineKey & { readonly children: readonly OutlineKey[] }): boolean {
  const spelling = spellingCalled(name);
  if (!spelling || spelling.form === 'nested') return false;
  if ((children.length > 0 && value === '') || value.startsWith('{') || /^![A-Za-z]/.test(value)) return true;
  const key: ConfigKey = configKeys[spelling.key];
  switch (key.type) {
    case 'enum':
      return value !== '' && !isSwitch.test(value) && !key.values.some((known) => isNear(known, value));
    case 'filter':
    case 'imageSize':
      return isSwitch.test(value) || (/^[a-z_]+$/i.test(value) && !/top/i.test(value));
    default:
      return spelling.key === 'modelPath' && othersModels.test(value);
  }
} // prettier-ignore

const isSwitch = /^(?:true|false|yes|no|on|off)$/i;

/** Written with a slip, in part, or as a reference. */
function isNear(known: string, value: string): boolean {
  const written = value.toLowerCase().slice(0, 40);
  return value.startsWith("${env:") || known.startsWith(written) || written.startsWith(known) || editDistance(known, written) <= 2;
} // prettier-ignore
