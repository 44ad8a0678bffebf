/** In ms. */
const pauseMs = 20;
const maxTries = 250;

/** Asks again while the process or the system has no descriptor left: others are given back in a moment.
 *  @throws what `ask` throws, at last that, too */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (tries === maxTries || !['EMFILE', 'ENFILE'].includes(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
