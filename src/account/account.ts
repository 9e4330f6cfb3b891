/**
 * The Account object: one owner's profile, conversations, devices, event log and outbox. A thin shell: each method makes
 * ready, checks who asks, and hands the work to the room's functions. What follows from a change is sent on by the core.
 */
import { DurableObject } from 'cloudflare:workers'
import { problem } from '../http/problem.ts'
import { answerClose, errorFrame } from '../http/sockets.ts'
import type { Caller } from '../http/types.ts'
import { PING, PONG } from '../protocol/frames.ts'
import type { DevicesAnswer, OperatorAnswer } from '../protocol/http.ts'
import { EXPORTS_AN_HOUR, HOUR_MS, SCANS_A_MINUTE, TYPED_TRIES, TYPED_TRIES_MS } from '../protocol/limits.ts'
import type { AccountCard, DeviceDetail } from '../protocol/model.ts'
import type { Request as StreamRequest, TypingRequest } from '../protocol/requests.ts'
import { failure, success, type Failure, type Result } from '../protocol/result.ts'
import { conversationWith } from './conversations.ts'
import { AccountCore } from './core.ts'
import { countUse, uncountUse, waitFor } from './counters.ts'
import { cutOff } from './cut-off.ts'
import { buryAccount } from './deletion.ts'
import { deviceDetail, livingDevice, livingDevices, setDeviceName } from './devices.ts'
import { runAlarm, tellEnded } from './duties.ts'
import { exportPage } from './export.ts'
import { receive } from './inbox.ts'
import { addDevice, connectDevice, disconnectDevice, endDevices, pull } from './linked-devices.ts'
import { settleUpload } from './media-objects.ts'
import { applyProfileChange, type ProfileChange } from './profile-changes.ts'
import { isNumberOfAnother, peerCardOf, touchProfile } from './profile.ts'
import {
  PHONE_SOCKET_HEADER,
  type AccountRpc,
  type AddDeviceResult,
  type ConnectResult,
  type Cut,
  type DeliverResult,
  type Delivery,
  type ExportPage,
  type ExportPart,
  type NewDevice,
  type PeerCard,
  type PhoneSocketOpen,
  type PullResult,
  type RequestAnswer,
  type SessionGrant,
  type UploadAdmission,
} from './rpc.ts'
import { closeSession, openSession, rotateSession, sessionOf } from './sessions.ts'
import { admissionOf, markReady } from './uploads.ts'

const MINUTE_MS = 60_000

export class Account extends DurableObject<Env> implements AccountRpc {
  readonly #core: AccountCore
  /** Frames of one device are answered one after the other, whatever they wait for. */
  readonly #lanes = new Map<string, Promise<unknown>>()

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#core = new AccountCore(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
  }

  // ── For companions ───────────────────────────────────────────────────────────────────────────────
  async addDevice(
    device: NewDevice,
    by: Pick<Caller, 'session' | 'issuedAt'> | null,
    online: boolean,
  ): Promise<AddDeviceResult> {
    await this.#core.ready()
    return addDevice(this.#core, device, by, online)
  }

  async connectDevice(device: string, cursor: number | null): Promise<ConnectResult> {
    await this.#core.ready()
    return connectDevice(this.#core, device, cursor)
  }

  async disconnectDevice(device: string): Promise<void> {
    await this.#core.ready()
    disconnectDevice(this.#core, device)
  }

  async pull(device: string, cursor: number): Promise<PullResult> {
    await this.#core.ready()
    return pull(this.#core, device, cursor)
  }

  async deviceRequests(device: string, frames: (StreamRequest | TypingRequest)[]): Promise<(RequestAnswer | null)[]> {
    const before = this.#lanes.get(device) ?? Promise.resolve()
    const answers = before.then(() => this.#answerDevice(device, frames))
    this.#lanes.set(device, answers)
    return answers.finally(() => {
      if (this.#lanes.get(device) === answers) this.#lanes.delete(device)
    })
  }

  async unlinkSelf(device: string): Promise<void> {
    await this.#core.ready()
    endDevices(this.#core, [device], 'companion')
  }

  // ── For the Worker, on behalf of a phone ─────────────────────────────────────────────────────────
  async admitScan(caller: Caller): Promise<Result<null>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const { sql } = this.#core
    const wait = this.#core.commit((now) => countUse(sql, 'scans', SCANS_A_MINUTE, MINUTE_MS, now))
    return wait === 0 ? success(null) : failure('rate_limited', { retryAfter: wait })
  }

  async admitTypedCode(caller: Caller): Promise<Result<number>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const { sql } = this.#core
    return this.#core.commit((now) => {
      const wait =
        waitFor(sql, 'typed', TYPED_TRIES, TYPED_TRIES_MS, now) ||
        countUse(sql, 'scans', SCANS_A_MINUTE, MINUTE_MS, now) ||
        countUse(sql, 'typed', TYPED_TRIES, TYPED_TRIES_MS, now)
      return wait === 0 ? success(now) : failure('rate_limited', { retryAfter: wait })
    })
  }

  async typedCodeWasRight(countedAt: number): Promise<void> {
    await this.#core.ready()
    this.#core.commit(() => uncountUse(this.#core.sql, 'typed', countedAt))
  }

  async profile(caller: Caller): Promise<Result<AccountCard>> {
    return (await this.#refusal(caller)) ?? success(this.#core.renderer().account())
  }

  async updateProfile(caller: Caller, change: ProfileChange): Promise<Result<AccountCard>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const core = this.#core
    if (isNumberOfAnother(change.name ?? '', core.profile()?.number ?? null)) return failure('bad_request')
    if (change.avatar != null) await settleUpload(core, change.avatar)
    const failed = core.commit((now) => applyProfileChange(core.sql, change, now))
    return failed === null ? success(core.renderer().account()) : failure(failed)
  }

  async devices(caller: Caller): Promise<Result<DevicesAnswer>> {
    const refused = await this.#refusal(caller)
    return refused ?? success({ devices: livingDevices(this.#core.sql).map(deviceDetail) })
  }

  async renameDevice(caller: Caller, device: string, name: string): Promise<Result<DeviceDetail>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const { sql } = this.#core
    const before = livingDevice(sql, device)
    if (before === null) return failure('not_found')
    this.#core.commit(() => setDeviceName(sql, before, name))
    return success(deviceDetail({ ...before, name }))
  }

  async unlinkDevice(caller: Caller, device: string): Promise<Result<null>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const ended = endDevices(this.#core, [device], 'phone')
    if (ended.length === 0) return failure('not_found')
    await tellEnded(this.#core, ended)
    return success(null)
  }

  async unlinkAllDevices(caller: Caller): Promise<Result<null>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const all = livingDevices(this.#core.sql).map((device) => device.id)
    await tellEnded(this.#core, endDevices(this.#core, all, 'phone'))
    return success(null)
  }

  async beginExport(caller: Caller): Promise<Result<null>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    const { sql } = this.#core
    const wait = this.#core.commit((now) => countUse(sql, 'exports', EXPORTS_AN_HOUR, HOUR_MS, now))
    return wait === 0 ? success(null) : failure('rate_limited', { retryAfter: wait })
  }

  async exportPage(caller: Caller, part: ExportPart, after: string | null): Promise<Result<ExportPage>> {
    return (await this.#refusal(caller)) ?? success(exportPage(this.#core.sql, part, after))
  }

  async deleteAccount(caller: Caller): Promise<Result<null>> {
    const refused = await this.#refusal(caller)
    if (refused !== null) return refused
    await tellEnded(this.#core, buryAccount(this.#core))
    return success(null)
  }

  // ── For the embedded identity ────────────────────────────────────────────────────────────────────
  async signIn(account: string, number: string): Promise<Result<SessionGrant>> {
    const core = this.#core
    await core.ready()
    if (account !== core.id) throw new TypeError('this is another account')
    await core.make(number)
    if (core.profile() === null) return failure('unauthorized')
    const issued = core.commit((now) => {
      touchProfile(core.sql, now)
      return openSession(core.sql, core.id, now)
    })
    return success({ ...issued, account: core.renderer().account() })
  }

  async refresh(refreshToken: string): Promise<Result<SessionGrant>> {
    const core = this.#core
    await core.ready()
    if (core.profile() === null) return failure('unauthorized')
    const result = core.commit((now) => {
      const rotated = rotateSession(core.sql, core.id, refreshToken, now)
      if (rotated.outcome === 'renewed') touchProfile(core.sql, now)
      return rotated
    })
    if (result.outcome === 'renewed') {
      const { session, refreshToken: successor } = result
      return success({ session, refreshToken: successor, account: core.renderer().account() })
    }
    const session = sessionOf(refreshToken)
    if (result.outcome === 'reused' && session !== null) core.phones.closeSession(session)
    return failure('unauthorized')
  }

  async signOut({ session }: Caller): Promise<void> {
    const core = this.#core
    await core.ready()
    if (session === null || core.profile() === null) return
    core.commit(() => closeSession(core.sql, session))
    core.phones.closeSession(session)
  }

  async cutOff(what: Cut): Promise<Result<OperatorAnswer>> {
    await this.#core.ready()
    return cutOff(this.#core, what)
  }

  async lastUsedAt(): Promise<number | null> {
    return this.#core.profile()?.used_at ?? null
  }

  // ── For other accounts ───────────────────────────────────────────────────────────────────────────
  async peerCard(): Promise<PeerCard | null> {
    const profile = this.#core.profile()
    return profile === null ? null : peerCardOf(this.#core.sql, profile)
  }

  async deliver(from: PeerCard, oldest: number, deliveries: Delivery[]): Promise<DeliverResult> {
    const core = this.#core
    await core.ready()
    if (core.profile() === null) return { outcome: 'gone' }
    const result = core.commit(() => receive(core.sql, from, oldest, deliveries))
    // Delivered twice: the first time may have been lost before its events were pushed.
    void core.pushes.pushAll()
    return result
  }

  async peerTyping(from: string, on: boolean): Promise<void> {
    const core = this.#core
    if (core.profile() === null) return
    const conversation = conversationWith(core.sql, from)
    if (conversation === null || conversation.shown === 0 || conversation.blocked === 1) return
    await core.showTyping({ type: 'typing', conversation: conversation.id, on })
  }

  // ── For the Worker, on behalf of who uploads ─────────────────────────────────────────────────────
  async admitUpload(media: string): Promise<UploadAdmission> {
    return this.#core.profile() === null ? { outcome: 'gone' } : admissionOf(this.#core.sql, media)
  }

  async uploaded(media: string): Promise<boolean> {
    const core = this.#core
    await core.ready()
    return core.profile() !== null && core.commit(() => markReady(core.sql, media))
  }

  // ── The phone's socket, and the alarm ────────────────────────────────────────────────────────────
  /** Takes the phone's socket from the Worker, which has verified its token and set the header. */
  override async fetch(request: Request): Promise<Response> {
    const header = request.headers.get(PHONE_SOCKET_HEADER)
    if (header === null) return problem('not_found')
    const open = JSON.parse(header) as PhoneSocketOpen
    if ((await this.#refusal(open.caller)) !== null) return problem('unauthorized')
    return this.#core.phones.open(open)
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    await this.#core.phones.message(socket, data)
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code)
  }

  /** The runtime has closed the socket already, as after a frame over 32 MiB; nothing of it is kept outside of it. */
  override webSocketError(socket: WebSocket): void {
    answerClose(socket, 1011)
  }

  override async alarm(): Promise<void> {
    await runAlarm(this.#core)
  }

  async #answerDevice(device: string, frames: (StreamRequest | TypingRequest)[]): Promise<(RequestAnswer | null)[]> {
    const core = this.#core
    await core.ready()
    const answers: (RequestAnswer | null)[] = []
    for (const frame of frames) {
      // Asked before each one: the device may be unlinked while an earlier one was answered (S9).
      const row = core.profile() === null ? null : livingDevice(core.sql, device)
      if (row !== null) answers.push(await core.answer(frame, false))
      else answers.push(frame.type === 'typing' ? null : errorFrame(frame.ref, 'not_allowed'))
    }
    return answers
  }

  /** Who may ask as the phone: this account's own caller, with a living session. @returns why not, or null */
  async #refusal(caller: Caller): Promise<Failure | null> {
    const core = this.#core
    await core.ready()
    if (caller.account !== core.id) return failure('unauthorized')
    if (caller.session === null) await core.make(null, caller.issuedAt)
    return core.isWelcome(caller) ? null : failure('unauthorized')
  }
}
