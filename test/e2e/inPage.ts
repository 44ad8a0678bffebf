import type { Locator } from 'playwright-core';

/* What is drawn again at any time is looked at and used in one step within the page: between a look from here and a click
   from here, an element may have gone or have become another one. Each of these gives whether the element was there. */

interface PageElement {
  readonly isConnected: boolean;
  click(): void;
  dispatchEvent(event: object): void;
}

declare const KeyboardEvent: new (type: string, init: object) => object;

export function clickNow(what: Locator): Promise<boolean> {
  return what.evaluateAll((found: PageElement[]) => {
    const one = found.find(({ isConnected }) => isConnected);
    one?.click();
    return one !== undefined;
  });
}

export function pressEnterNow(what: Locator): Promise<boolean> {
  return what.evaluateAll((found: PageElement[]) => {
    const one = found.find(({ isConnected }) => isConnected);
    const enter = {
      key: 'Enter',
      code: 'Enter',
      keyCode: 13,
      bubbles: true,
      cancelable: true,
      composed: true,
    };
    one?.dispatchEvent(new KeyboardEvent('keydown', enter));
    return one !== undefined;
  });
}
