import { parse } from 'lossless-json';
import { undecodable } from '../tensor/tensor.ts';

/** An integer with more digits than a number can hold, where a value can stand. Text in strings may look so as
 *  well, which costs time only. */
const longInteger = /(?:^|[[,:\s])-?[1-9]\d{15,}(?=[\s,\]}]|$)/;

/** JSON in which no integer changes its value: those that a number cannot hold exactly come as bigint.
 *  @throws ServingError "record-undecodable" */
export function parseJson(body: string): unknown {
  try {
    const text = body.startsWith('\ufeff') ? body.slice(1) : body;
    return longInteger.test(text) ? parse(text, undefined, exactly) : JSON.parse(text);
  } catch (error) {
    throw undecodable('', 'the body is not JSON', error);
  }
}

const exactly = {
  parseNumber(text: string): number | bigint {
    const value = Number(text);
    return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
  },
  // The last one counts, as with JSON.parse.
  onDuplicateKey: ({ newValue }: { newValue: unknown }): unknown => newValue,
};
