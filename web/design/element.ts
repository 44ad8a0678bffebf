/** An element with a text. It stays text, never markup: names of jobs come from any client that writes to Redis. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** An element around others. */
export function around<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = element(name, className);
  made.append(...children);
  return made;
}

export function button(text: string, onClick: () => void, className = ''): HTMLButtonElement {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

/** A choice among a few: buttons side by side, one of which is pressed. */
export function segments<T extends string | number>(
  name: string,
  choices: readonly { readonly value: T; readonly text: string }[],
  chosen: T,
  onChoose: (value: T) => void,
): HTMLElement {
  const made = element('div', 'segments');
  made.setAttribute('role', 'group');
  made.setAttribute('aria-label', name);
  const buttons = choices.map(({ value, text }) =>
    button(text, () => {
      mark(value);
      onChoose(value);
    }),
  );
  function mark(value: T): void {
    choices.forEach((choice, i) => buttons[i]?.setAttribute('aria-pressed', String(choice.value === value)));
  }
  mark(chosen);
  made.append(...buttons);
  return made;
}

/** A list to choose from, with its name before it. */
export function chooser(
  name: string,
  choices: readonly { readonly value: string; readonly text: string }[],
  chosen: string,
  onChoose: (value: string) => void,
): HTMLLabelElement {
  const select = element('select');
  for (const { value, text } of choices) {
    const option = element('option', '', text);
    option.value = value;
    select.append(option);
  }
  select.value = chosen;
  select.addEventListener('change', () => onChoose(select.value));
  return around('label', 'small', name, select);
}
