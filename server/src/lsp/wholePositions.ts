/** The protocol's largest number. */
const most = 2 ** 31 - 1;

/** Positions of a request as the protocol wants them: whole numbers that are not negative. A fraction would go through
 *  every computation and come back as null, which stops some clients. Only what a request names at its top is looked at. */
export function withWholePositions(params: unknown): unknown {
  if (!isObject(params) || Array.isArray(params)) return params;
  const { position, positions, range } = params;
  if (position === undefined && positions === undefined && range === undefined) return params;
  return {
    ...params,
    ...(position === undefined ? {} : { position: wholePosition(position) }),
    ...(Array.isArray(positions) ? { positions: positions.map(wholePosition) } : {}),
    ...(isObject(range)
      ? { range: { start: wholePosition(range.start), end: wholePosition(range.end) } }
      : {}),
  };
}

/** Changes of a document as the protocol wants them: a range that is null is none, so the whole text is replaced. */
export function withWholeTexts(params: unknown): unknown {
  if (!isObject(params) || !Array.isArray(params.contentChanges)) return params;
  const contentChanges = params.contentChanges.map((change: unknown) =>
    isObject(change) && change.range === null ? { text: change.text } : change,
  );
  return { ...params, contentChanges };
}

function wholePosition(position: unknown): unknown {
  if (!isObject(position)) return { line: 0, character: 0 };
  return { line: whole(position.line), character: whole(position.character) };
}

function whole(n: unknown): number {
  return typeof n === 'number' && n > 0 ? Math.min(Math.floor(n), most) : 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
