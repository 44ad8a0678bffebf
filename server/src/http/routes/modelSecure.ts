import type { FastifyInstance } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { pairOf } from '../../queue/secrets.ts';
import { HttpError } from '../httpError.ts';

export function modelSecureRoute(app: FastifyInstance, { link }: Frontend): void {
  app.post('/model-secure', async (request, reply) => {
    const text = Buffer.isBuffer(request.body) ? request.body.toString().trim() : '';
    const pair = pairOf(field(text, 'secret') ?? '', field(text, 'salt') ?? '');
    if (!pair) throw new HttpError('body-malformed', 'The body must be secret=xxx&salt=yyy.');
    await link.run(({ secrets }) => secrets.writeSecret('model', pair));
    return reply.type('text/plain; charset=utf-8').send('success');
  });
}

/** Taken as it stands, as the original does: decoded as a form, the plus signs of base64 would become blanks. */
function field(text: string, name: string): string | undefined {
  const part = text.split('&').find((one) => one.startsWith(`${name}=`));
  return part?.slice(name.length + 1);
}
