import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { type ControlRequest, DadinError, parseControl } from '../core/index.js';

/** Takes an operator's commands: what holds the learner now, and how to ask for more. */
export interface ServedControl {
  readonly held: () => 'frozen' | 'paused' | null;
  /** @throws DadinError DADIN_CONTROL_REFUSED, or what stopped it */
  readonly request: (request: ControlRequest) => Promise<unknown>;
}

/** 200 once the command was carried out, 400 where it is none, 409 where this run refuses it, 503 where something failed. */
export async function answerControl(control: ServedControl, body: unknown, reply: FastifyReply): Promise<FastifyReply> {
  let isCommand = false;
  try {
    const request = parseControl(body, randomUUID());
    isCommand = true;
    return await reply.send(await control.request(request));
  } catch (error) {
    if (!(error instanceof DadinError)) throw error;
    const { code, message, details } = error;
    const status = code !== 'DADIN_CONTROL_REFUSED' ? 503 : isCommand ? 409 : 400;
    return await reply.code(status).send({ error: message, code, expected: details.expected });
  }
}
