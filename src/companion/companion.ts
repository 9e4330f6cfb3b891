/**
 * The browser's side: one Durable Object per browser, before and after linking, so that the data flows on the very
 * socket that the code stood for. A thin shell: `link-screen.ts` shows codes, `linking.ts` carries an approval to the
 * account, `resume.ts` lets a browser back in, `device-stream.ts` forwards the stream.
 */
import { DurableObject } from 'cloudflare:workers'
import { configOf } from '../config.ts'
import { equalSecrets, hashSecret, randomInteger } from '../http/secrets.ts'
import { networkBetween } from '../http/visitor.ts'
import { utf8Length } from '../protocol/bytes.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import { PING, PONG, SUBPROTOCOL } from '../protocol/frames.ts'
import type { ApproveAnswer, Network, ScanAnswer } from '../protocol/http.ts'
import { formatLinkToken } from '../protocol/ids.ts'
import { CLIENT_FRAME_BYTES, ENDED_DEVICE_KEPT_MS, LINK_FRAMES, LINK_FRAMES_MS } from '../protocol/limits.ts'
import type { UnlinkReason } from '../protocol/model.ts'
import { parseLinkRequest, parseStreamRequest, type Refusal } from '../protocol/requests.ts'
import { failure, type Result, success } from '../protocol/result.ts'
import { type Attached, attachmentOf, type LinkSocket } from './attachment.ts'
import { deleteEverything, readRecord } from './device-record.ts'
import { DeviceStream } from './device-stream.ts'
import { LinkScreen } from './link-screen.ts'
import { onAlarm, onApprove, onDecline, onScan, onSleep, onWake } from './link-state.ts'
import type { Hold, ScanEvent } from './link-types.ts'
import { Linking } from './linking.ts'
import { Resume } from './resume.ts'
import { type CompanionRpc, OPEN_HEADER, type OpenNew, type OpenResume, type Push, type Scanner } from './rpc.ts'
import { Speller } from './speller.ts'
import { typedSecret } from './typed-token.ts'
import { answerClose, closeSocket, errorFrame, sendFrame } from '../http/sockets.ts'

export class Companion extends DurableObject<Env> implements CompanionRpc {
  readonly #screen: LinkScreen
  readonly #stream: DeviceStream
  readonly #linking: Linking
  readonly #resume: Resume
  readonly #speller: Speller
  /** Frames of the screen are taken in their order, also while a `spell` waits for another object. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Frames of the unlinked socket in the running window; a flood keeps the object awake, so memory will do. */
  #frames = { since: 0, count: 0 }

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#screen = new LinkScreen(ctx, env)
    this.#stream = new DeviceStream(ctx, env)
    this.#linking = new Linking(ctx, env, this.#screen, this.#stream)
    this.#resume = new Resume(ctx, env, this.#screen, this.#linking, this.#stream)
    this.#speller = new Speller(ctx, env, this.#screen)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
  }

  /** Accepts the socket that the Worker hands over; what it is for stands in {@link OPEN_HEADER}. */
  override async fetch(request: Request): Promise<Response> {
    const open = JSON.parse(request.headers.get(OPEN_HEADER) ?? 'null') as OpenNew | OpenResume
    const { 0: client, 1: socket } = new WebSocketPair()
    this.ctx.acceptWebSocket(socket)
    if (open.form === 'new') this.#screen.open(socket, open)
    else this.#resume.challenge(socket, open)
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL },
    })
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (typeof data === 'string' && utf8Length(data) > CLIENT_FRAME_BYTES) {
      closeSocket(socket, CLOSE.frameTooLarge, 'frame over 64 KiB')
      return
    }
    if (attachmentOf(socket).kind === 'link') {
      if (this.#isFlood()) {
        closeSocket(socket, CLOSE.rateLimited, 'too many frames')
        return
      }
      // What waited behind a `spell` may come after the socket's end.
      const turn = this.#turn.then(() => (socket.readyState === WebSocket.OPEN ? this.#take(socket, data) : undefined))
      this.#turn = turn.catch(() => undefined)
      await turn
      return
    }
    await this.#take(socket, data)
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    answerClose(socket, code)
    await this.#gone(socket)
  }

  /** After a frame over 32 MiB the runtime closes 1009 and calls only this (measured 2026-11-22). */
  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#gone(socket)
  }

  /** At least once, maybe late, maybe twice: the clock decides. */
  override async alarm(): Promise<void> {
    const record = readRecord(this.ctx.storage)
    if (record?.state === 'linking') {
      await this.#linking.rollForward()
      return
    }
    if (record?.state === 'ended') {
      const forgetAt = record.endedAt + ENDED_DEVICE_KEPT_MS
      if (Date.now() < forgetAt) await this.ctx.storage.setAlarm(forgetAt)
      else await deleteEverything(this.ctx.storage)
      return
    }
    if (record?.state === 'linked') return
    const screen = this.#screen.socket()
    if (screen === null) {
      await deleteEverything(this.ctx.storage)
      return
    }
    if (this.#screen.step(screen, onAlarm) === 'end') {
      closeSocket(screen.socket, CLOSE.idleEnded, 'idle')
      await deleteEverything(this.ctx.storage)
    }
  }

  async scan(secret: string, by: Scanner): Promise<Result<ScanAnswer>> {
    const held = this.#hold({ hash: hashSecret(secret), by: 'token' }, by)
    return held.ok ? success(scanAnswer(held.value)) : held
  }

  async scanTyped(code: string, by: Scanner): Promise<Result<ScanAnswer>> {
    const held = this.#hold({ hash: hashSecret(code), by: 'typed' }, by)
    if (!held.ok) return held
    const secret = typedSecret(code, held.value.typed?.salt ?? '')
    return success({ ...scanAnswer(held.value), token: formatLinkToken(this.ctx.id.toString(), secret) })
  }

  async approve(
    secret: string,
    by: Scanner,
    match: string | null,
    name: string | null,
  ): Promise<Result<ApproveAnswer>> {
    const hash = hashSecret(secret)
    const record = readRecord(this.ctx.storage)
    if (record !== null) return this.#linking.approveAgain(record, hash, by.account)
    const screen = this.#screen.socket()
    if (screen === null) return failure('link_token_invalid')
    const event = { hash, account: by.account, match, isEqual: equalSecrets }
    const answer = this.#screen.step(screen, (state, context) => onApprove(state, event, context))
    if ('code' in answer) {
      return failure(answer.code, answer.triesLeft === undefined ? {} : { triesLeft: answer.triesLeft })
    }
    return this.#linking.begin(screen, answer, by, name)
  }

  async decline(secret: string, by: Scanner): Promise<Result<null>> {
    const hash = hashSecret(secret)
    const screen = this.#screen.socket()
    if (screen === null || readRecord(this.ctx.storage) !== null) return failure('link_token_invalid')
    const answer = this.#screen.step(screen, (state, context) =>
      onDecline(state, { hash, account: by.account }, context),
    )
    return answer === 'declined' ? success(null) : failure(answer.code)
  }

  async push(push: Push): Promise<number | 'offline' | 'gone'> {
    const record = readRecord(this.ctx.storage)
    if (record === null || record.state === 'ended') return 'gone'
    return this.#stream.push(record.state === 'linked' ? record.account : record.hold.account, push)
  }

  async end(reason: UnlinkReason): Promise<void> {
    this.#linking.end(reason)
  }

  async #take(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const attachment = attachmentOf(socket)
    switch (attachment.kind) {
      case 'link':
        await this.#fromScreen({ socket, attachment }, data)
        return
      case 'proving':
        await this.#resume.prove(socket, attachment, data)
        return
      case 'stream':
        await this.#fromDevice(socket, data)
    }
  }

  #hold(code: Pick<ScanEvent, 'hash' | 'by'>, by: Scanner): Result<Hold> {
    const record = readRecord(this.ctx.storage)
    if (record !== null && code.by === 'typed') return this.#linking.scanTypedAgain(record, code.hash, by.account)
    if (record !== null) return this.#linking.scanAgain(record, code.hash, by.account)
    const screen = this.#screen.socket()
    if (screen === null) return failure('link_token_invalid')
    const { browser, os, visitor, openedAt } = screen.attachment
    const network = networkBetween(visitor, by.visitor)
    const place = {
      ...(visitor.city === undefined ? {} : { city: visitor.city }),
      ...(visitor.country === undefined ? {} : { country: visitor.country }),
    }
    const card = { browser, os, ip: visitor.ip, place, network, requestedAt: openedAt }
    const isMatched = code.by === 'typed' || this.#isMatchRequired(network)
    const match = isMatched ? String(randomInteger(10, 99)) : null
    const event: ScanEvent = { ...code, account: by.account, match, card }
    const answer = this.#screen.step(screen, (state, context) => onScan(state, event, context))
    return 'code' in answer ? failure(answer.code) : success(answer)
  }

  async #fromScreen(screen: Attached<LinkSocket>, data: string | ArrayBuffer): Promise<void> {
    const { socket } = screen
    const parsed = parseLinkRequest(data)
    if (!parsed.ok) {
      refuseFrame(socket, parsed)
      return
    }
    switch (parsed.frame.type) {
      case 'wake':
        this.#screen.step(screen, onWake)
        return
      case 'sleep':
        this.#screen.step(screen, onSleep)
        return
      case 'spell':
        await this.#speller.spell()
    }
  }

  async #fromDevice(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const record = readRecord(this.ctx.storage)
    if (record?.state !== 'linked') return
    const parsed = parseStreamRequest(data)
    if (!parsed.ok) {
      refuseFrame(socket, parsed)
      return
    }
    const { frame } = parsed
    if (frame.type === 'unlink') await this.#unlinkSelf(socket, record.account, frame.ref)
    else await this.#stream.request(record.account, socket, frame)
  }

  /** The browser signs itself out: first the account, then this record, so that neither is left alone. */
  async #unlinkSelf(socket: WebSocket, account: string, ref: string): Promise<void> {
    try {
      await this.#stream.unlinkSelf(account, socket)
    } catch {
      sendFrame(socket, errorFrame(ref, 'internal'))
      return
    }
    sendFrame(socket, { type: 'ok', ref })
    this.#linking.end('companion')
  }

  /** A socket closed: an unlinked companion ends with its screen, a device goes offline. */
  async #gone(socket: WebSocket): Promise<void> {
    this.#resume.forget(socket)
    const { kind } = attachmentOf(socket)
    const record = readRecord(this.ctx.storage)
    if (kind === 'link' && record === null && this.#screen.socket() === null) await deleteEverything(this.ctx.storage)
    if (kind === 'stream' && record?.state === 'linked') await this.#stream.leave(record.account)
  }

  #isMatchRequired(network: Network): boolean {
    const { confirm } = configOf(this.env)
    return confirm === 'always' || (confirm === 'proximity' && network === 'far')
  }

  #isFlood(): boolean {
    const now = Date.now()
    if (now - this.#frames.since > LINK_FRAMES_MS) this.#frames = { since: now, count: 0 }
    this.#frames.count++
    return this.#frames.count > LINK_FRAMES
  }
}

/** What the phone is shown of a hold. */
function scanAnswer(hold: Hold): ScanAnswer {
  return { request: hold.card, match: hold.match === null ? 'none' : 'required' }
}

/** Says why a frame was not taken; one that is no frame at all also closes the socket (4400). */
function refuseFrame(socket: WebSocket, { code, ref, fatal }: Refusal): void {
  sendFrame(socket, errorFrame(ref, code))
  if (fatal) closeSocket(socket, CLOSE.badFrame, 'not a frame')
}
