import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { samplerOf } from './sampler.ts';
import type { OpenSpan, SpanFacts, Tracing, TracingOptions } from './spans.ts';

const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL } as const;

/** Spans that OpenTelemetry's own library sends by OTLP over HTTP. Its exporter reads OTEL_EXPORTER_OTLP_* itself. */
export function createTracing({ service, job, env, onTrouble }: TracingOptions): Tracing {
  const report = (message: string) => onTrouble(message);
  const nothing = () => undefined;
  diag.setLogger(
    { error: report, warn: report, info: nothing, debug: nothing, verbose: nothing },
    DiagLogLevel.WARN,
  );
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(env, report),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...numberOption('scheduledDelayMillis', env.OTEL_BSP_SCHEDULE_DELAY),
        ...numberOption('maxQueueSize', env.OTEL_BSP_MAX_QUEUE_SIZE),
        ...numberOption('maxExportBatchSize', env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
        ...numberOption('exportTimeoutMillis', env.OTEL_BSP_EXPORT_TIMEOUT),
      }),
    ],
  });
  const ofConsumer = {
    'messaging.system': 'redis',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    ...(job === undefined ? {} : { 'messaging.destination.name': job }),
  };
  const tracer = provider.getTracer('cluster-serving');

  function begin({ name, kind, parent, startMs, attributes = {} }: SpanFacts): OpenSpan | undefined {
    const all = kind === 'consumer' ? { ...ofConsumer, ...attributes } : attributes;
    const options = { kind: kinds[kind], startTime: startMs, attributes: all };
    const span = tracer.startSpan(name, options, contextOf(parent));
    if (!span.isRecording()) return undefined;
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      end(endMs, more = {}, error) {
        span.setAttributes(more);
        if (error !== undefined) {
          span.setAttribute('error.type', error);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end(Math.max(startMs, endMs));
      },
    };
  }

  return { begin, close: () => provider.shutdown().catch((error: unknown) => report(String(error))) };
}

/** The context in which a span has its parent. @param traceparent  well formed */
function contextOf(traceparent: string | undefined): Context {
  if (traceparent === undefined) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function numberOption<Name extends string>(
  name: Name,
  text: string | undefined,
): Partial<Record<Name, number>> {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && value > 0
    ? ({ [name]: value } as Partial<Record<Name, number>>)
    : {};
}
