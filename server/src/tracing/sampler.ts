import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';

/** The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name, which the library leaves to its caller.
 *  @param onTrouble  hears of a value that is none; then the standard's default counts */
export function samplerOf(env: NodeJS.ProcessEnv, onTrouble: (message: string) => void): Sampler {
  const name = env.OTEL_TRACES_SAMPLER?.trim() ?? '';
  const isOfParent = name.startsWith('parentbased_');
  const root = rootOf(name.replace('parentbased_', ''), env.OTEL_TRACES_SAMPLER_ARG, onTrouble);
  if (root) return isOfParent ? new ParentBasedSampler({ root }) : root;
  if (name !== '') onTrouble(`OTEL_TRACES_SAMPLER "${name}" is not known; parentbased_always_on counts.`);
  return new ParentBasedSampler({ root: new AlwaysOnSampler() });
}

function rootOf(
  name: string,
  ratio: string | undefined,
  onTrouble: (message: string) => void,
): Sampler | undefined {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratioOf(ratio, onTrouble));
    default:
      return undefined;
  }
}

function ratioOf(text: string | undefined, onTrouble: (message: string) => void): number {
  if (text === undefined || text.trim() === '') return 1;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  onTrouble(`OTEL_TRACES_SAMPLER_ARG is a number from 0 to 1, not "${text}"; 1 counts.`);
  return 1;
}
