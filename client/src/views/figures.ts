/** Says a text in the reader's language; `{0}` stands for the first argument. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** What a row of a tree shows; the tree adds only what needs the editor. */
export interface Row {
  /** Holds no figure, so that what is selected and open stays so while figures change. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  readonly color?: string;
  /** Words by which menus choose; the first says what kind of row it is. */
  readonly context: string;
  readonly children?: readonly Row[];
}

/** Of something whose Redis cannot be asked: what is known of it is old. */
export function awayRow(id: string, label: string, trouble: string, context: string): Row {
  return {
    id,
    label,
    description: trouble,
    tooltip: trouble,
    icon: 'debug-disconnect',
    color: 'list.warningForeground',
    context,
  };
}

/** 950, 12.3k, 1.2M */
export function short(value: number): string {
  const whole = Math.round(value);
  // What would show as 1000.0k is a million.
  if (whole >= 999_950) return `${(whole / 1_000_000).toFixed(1)}M`;
  return whole >= 10_000 ? `${(whole / 1_000).toFixed(1)}k` : String(whole);
}

/** 850 ms, 12 s, 3 min, 2 h */
export function span(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** When a record was put in, as its id of Redis begins with it; undefined for the ids of Kafka, `partition-offset` and
 *  `dead-offset`, and for one that a client has chosen, which is no time either. */
export function putIn(id: string): Date | undefined {
  const [, ms] = /^(\d{13,15})-\d+$/.exec(id) ?? [];
  return ms === undefined ? undefined : new Date(Number(ms));
}
