import { around, element } from './element.ts';
import { frameChinese } from './frameTexts.ts';
import { createText } from './createText.ts';

/** Asks the page's own server. */
export interface KeyedFetch {
  /** The same as `fetch`. Where the server wants its API key, the user is asked for it, and the request goes again. */
  (path: string, init?: RequestInit): Promise<Response>;
  /** Whether requests carry a key. */
  readonly hasKey: () => boolean;
}

/** @param place  where the question for the key appears */
export function createKeyedFetch(place: HTMLElement, language: string): KeyedFetch {
  let key: string | undefined;
  let asking: Promise<string> | undefined;

  /** One question, however often the server refuses meanwhile. */
  function askForKey(refused: string | undefined): Promise<string> {
    asking ??= keyFromUser(place, language, refused !== undefined).finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    for (;;) {
      const used = key;
      const headers = new Headers(init.headers);
      if (used !== undefined) headers.set('authorization', `Bearer ${used}`);
      const response = await fetch(path, { ...init, headers });
      if (response.status !== 401) return response;
      // Another request may have the right one by now.
      if (key === used) key = await askForKey(used);
    }
  }

  return Object.assign(send, { hasKey: () => key !== undefined });
}

function keyFromUser(place: HTMLElement, language: string, isSecond: boolean): Promise<string> {
  const t = createText(frameChinese, language);
  const form = element('form', 'card stack');
  const field = element('input');
  field.type = 'password';
  field.required = true;
  field.autocomplete = 'off';
  const submit = element('button', 'primary', t('Use This Key'));
  const title = isSecond
    ? t('This key is not the one that the server has.')
    : t('This server asks for its API key.');
  const isOpen = location.protocol === 'http:' && !/^(localhost|127\..*|\[::1\])$/.test(location.hostname);
  const alert = element('p', '', title);
  alert.setAttribute('role', 'alert');
  form.append(
    alert,
    around('div', 'row', around('label', '', t('API key'), field), submit),
    element('p', 'small muted', t('The page keeps it until it is closed, and sends it to this server only.')),
    ...(isOpen
      ? [
          element(
            'p',
            'notice warn',
            t('The connection is not encrypted: others on the way can read the key.'),
          ),
        ]
      : []),
  );
  place.append(form);
  field.focus();
  return new Promise((resolve) => {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      form.remove();
      resolve(field.value.trim());
    });
  });
}
