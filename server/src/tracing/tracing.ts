import type { Tracing, TracingOptions } from './spans.ts';

/** Loads OpenTelemetry where its standard variables ask for an export of traces, and nothing of it elsewhere. */
export async function loadTracing(options: TracingOptions): Promise<Tracing | undefined> {
  if (!isWanted(options.env)) return undefined;
  const { createTracing } = await import('./openTelemetry.ts');
  return createTracing(options);
}

/** The standard's exporter is OTLP; here nothing is exported unless the variables name a place, or the exporter itself.
 *  @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export function isWanted(env: NodeJS.ProcessEnv): boolean {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false;
  const exporters = (env.OTEL_TRACES_EXPORTER ?? '').split(',').map((name) => name.trim());
  if (exporters.includes('otlp')) return true;
  if (exporters.some((name) => name !== '')) return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}
