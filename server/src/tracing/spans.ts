/** What spans are made of. Times are ms since 1970, with fractions. */
export interface SpanFacts {
  readonly name: string;
  readonly kind: 'server' | 'consumer' | 'internal';
  /** The span above it, as `traceparent` names it; absent: it begins a trace. */
  readonly parent?: string | undefined;
  readonly startMs: number;
  readonly attributes?: SpanAttributes;
}

export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface OpenSpan {
  /** Names it to those below it. */
  readonly traceparent: string;
  /** @param error  a code, if it failed */
  end(endMs: number, attributes?: SpanAttributes, error?: string): void;
}

/** Where spans go. It exists only where traces are exported. */
export interface Tracing {
  /** @returns undefined for what is not sampled */
  begin(span: SpanFacts): OpenSpan | undefined;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Of which program the spans are, and who hears of an exporter that fails. */
export interface TracingOptions {
  /** The name of the service where OTEL_SERVICE_NAME has none. */
  readonly service: string;
  /** The job whose records are processed. */
  readonly job: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly onTrouble: (message: string) => void;
}
