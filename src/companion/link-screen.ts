/**
 * The screen that shows codes: the one socket of an unlinked companion. Each event is decided by `link-state.ts` and
 * applied here, in one synchronous step: attachment, frames, alarm.
 */
import { configOf } from '../config.ts'
import { hashSecret, randomBytes } from '../http/secrets.ts'
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts'
import type { LinkFrame } from '../protocol/frames.ts'
import { formatLinkToken, wireId } from '../protocol/ids.ts'
import { TOKEN_SECRET_BYTES } from '../protocol/limits.ts'
import { type Attached, type LinkSocket, openSockets } from './attachment.ts'
import { openLink } from './link-state.ts'
import type { LinkContext, LinkSay, LinkState, LinkStep } from './link-types.ts'
import type { OpenNew } from './rpc.ts'
import { sendFrame } from '../http/sockets.ts'

export class LinkScreen {
  readonly #ctx: DurableObjectState
  readonly #env: Env

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx
    this.#env = env
  }

  /** The screen's open socket; null when it has gone, and with it every code. */
  socket(): Attached<LinkSocket> | null {
    return openSockets(this.#ctx, 'link').at(-1) ?? null
  }

  /** Shows the first code on a socket that was just accepted. */
  open(socket: WebSocket, { key, publicOrigin, browser, os, visitor }: OpenNew): void {
    const base = { kind: 'link' as const, key, publicOrigin, browser, os, visitor, openedAt: Date.now() }
    this.#apply(socket, base, (context) => openLink(context))
  }

  /** Decides one event by `decide` and applies what comes of it. */
  step<A>(
    { socket, attachment }: Attached<LinkSocket>,
    decide: (state: LinkState, context: LinkContext) => LinkStep<A>,
  ): A {
    return this.#apply(socket, attachment, (context) => decide(attachment.state, context))
  }

  #apply<A>(socket: WebSocket, base: Omit<LinkSocket, 'state'>, decide: (context: LinkContext) => LinkStep<A>): A {
    const secret = toBase64Url(randomBytes(TOKEN_SECRET_BYTES))
    const context = { now: Date.now(), settings: configOf(this.#env), freshHash: hashSecret(secret) }
    const step = decide(context)
    socket.serializeAttachment({ ...base, state: step.state } satisfies LinkSocket)
    for (const say of step.say) {
      const frame = this.#frameFor(say, step.state, base.publicOrigin, secret)
      if (frame !== null) sendFrame(socket, frame)
    }
    // Not awaited: the output gate holds the frames back until it is written.
    if (step.alarmAt !== undefined) void this.#ctx.storage.setAlarm(step.alarmAt)
    return step.answer
  }

  #frameFor(say: LinkSay, state: LinkState, publicOrigin: string, secret: string): LinkFrame | null {
    switch (say) {
      case 'qr':
        return state.name === 'waiting' ? this.#qrFrame(state, publicOrigin, secret) : null
      case 'scanned': {
        if (state.name !== 'held') return null
        const { issuedAt, expiresAt, match } = state.hold
        return { type: 'scanned', issuedAt, expiresAt, match }
      }
      case 'spelled': {
        if (state.name !== 'spelled') return null
        const { code, issuedAt, expiresAt } = state.typed
        return { type: 'spelled', code, issuedAt, expiresAt }
      }
      case 'idle':
      case 'declined':
        return { type: say }
    }
  }

  #qrFrame(state: Extract<LinkState, { name: 'waiting' }>, publicOrigin: string, secret: string): LinkFrame {
    const objectId = this.#ctx.id.toString()
    const token = formatLinkToken(objectId, fromBase64Url(secret) ?? new Uint8Array())
    return {
      type: 'qr',
      token,
      url: linkUrl(publicOrigin, token),
      image: `/v1/code/${token}`,
      device: wireId(objectId),
      issuedAt: state.code.issuedAt,
      expiresAt: state.code.expiresAt,
      rotation: state.rotation,
      rotations: configOf(this.#env).rotations,
    }
  }
}

/** The address in the code: the secret rides in the fragment, out of server logs (S16). */
export function linkUrl(publicOrigin: string, token: string): string {
  return `${publicOrigin}/link#${token}`
}
