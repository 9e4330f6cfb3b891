/**
 * From the approval to the account's answer. The approval spans two objects, so it is stored first and then rolled
 * forward until the account has answered: both sides end linked, or neither. One call is under way at a time;
 * a second approve, a resume and the alarm join it.
 */
import type { AddDeviceResult, NewDevice } from '../account/rpc.ts'
import type { ApproveAnswer } from '../protocol/http.ts'
import { wireId } from '../protocol/ids.ts'
import { ENDED_DEVICE_KEPT_MS, LINKING_RETRY_MAX_MS, LINKING_RETRY_MS } from '../protocol/limits.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import type { UnlinkReason } from '../protocol/model.ts'
import { type Failure, failure, type Result, success } from '../protocol/result.ts'
import { errorName, record } from '../telemetry.ts'
import { type Attached, type LinkSocket, openSockets } from './attachment.ts'
import {
  deleteRecord,
  type DeviceRecord,
  type LinkingRecord,
  deleteEverything,
  readRecord,
  writeRecord,
} from './device-record.ts'
import type { DeviceStream } from './device-stream.ts'
import type { LinkScreen } from './link-screen.ts'
import { onRefused } from './link-state.ts'
import type { Hold } from './link-types.ts'
import type { Scanner } from './rpc.ts'
import { closeSocket, sendFrame } from '../http/sockets.ts'

export class Linking {
  readonly #ctx: DurableObjectState
  readonly #env: Env
  readonly #screen: LinkScreen
  readonly #stream: DeviceStream
  #call: Promise<Result<ApproveAnswer>> | null = null

  constructor(ctx: DurableObjectState, env: Env, screen: LinkScreen, stream: DeviceStream) {
    this.#ctx = ctx
    this.#env = env
    this.#screen = screen
    this.#stream = stream
  }

  /** The holder approved: stored, then carried to the account. */
  begin(
    { attachment }: Attached<LinkSocket>,
    hold: Hold,
    by: Scanner,
    name: string | null,
  ): Promise<Result<ApproveAnswer>> {
    const { key, browser, os } = attachment
    const device: NewDevice = {
      id: wireId(this.#ctx.id.toString()),
      name: name ?? `${browser} on ${os}`,
      browser,
      os,
      place: hold.card.place,
      linkedAt: Date.now(),
    }
    const { session, issuedAt } = by
    writeRecord(this.#ctx.storage, { state: 'linking', key, hold, device, by: { session, issuedAt }, failures: 0 })
    void this.#ctx.storage.setAlarm(Date.now() + LINKING_RETRY_MS)
    return this.rollForward()
  }

  /** A scan after the approval: the holder gets the same answer, everybody else a refusal. */
  scanAgain(device: DeviceRecord, hash: string, account: string): Result<Hold> {
    const refusal = refuse(device, hash, account)
    if (refusal !== null) return refusal
    return device.state === 'linking' ? success(device.hold) : failure('link_token_invalid')
  }

  /** Likewise of a typed code, which is used up once the account has answered. */
  scanTypedAgain(device: DeviceRecord, hash: string, account: string): Result<Hold> {
    if (device.state !== 'linking' || device.hold.typed?.hash !== hash) return failure('link_token_invalid')
    return device.hold.account === account ? success(device.hold) : failure('link_token_taken')
  }

  /** An approve after the approval: the same phone gets the same device (S3). */
  async approveAgain(device: DeviceRecord, hash: string, account: string): Promise<Result<ApproveAnswer>> {
    const refusal = refuse(device, hash, account)
    if (refusal !== null) return refusal
    if (device.state === 'linked') return success({ device: device.device })
    return this.rollForward()
  }

  /** Asks the account until it has answered. Joins the call under way; a failed one is repeated by the alarm. */
  rollForward(): Promise<Result<ApproveAnswer>> {
    this.#call ??= this.#ask().finally(() => {
      this.#call = null
    })
    return this.#call
  }

  /** Ends the device for good: its sockets learn why, its key can only ever learn it again. Idempotent. */
  end(reason: UnlinkReason): void {
    const device = readRecord(this.#ctx.storage)
    if (device === null || device.state === 'ended') return
    const endedAt = Date.now()
    writeRecord(this.#ctx.storage, { state: 'ended', key: device.key, reason, endedAt })
    void this.#ctx.storage.setAlarm(endedAt + ENDED_DEVICE_KEPT_MS)
    for (const { socket } of [...openSockets(this.#ctx, 'stream'), ...openSockets(this.#ctx, 'link')]) {
      sayUnlinked(socket, reason)
    }
  }

  async #ask(): Promise<Result<ApproveAnswer>> {
    const asked = readRecord(this.#ctx.storage)
    if (asked?.state !== 'linking') return failure('link_token_invalid')
    let result: AddDeviceResult
    try {
      result = await this.#stream.whileOpening(async () => {
        const account = this.#stream.account(asked.hold.account)
        const online = this.#screen.socket() !== null
        return await account.addDevice(asked.device, asked.by, online)
      })
    } catch (error) {
      record(this.#env, { event: 'call_failed', call: 'addDevice', error: errorName(error) })
      this.#retryLater(asked)
      return failure('internal')
    }
    // While the call was out the device may have been unlinked already.
    const current = readRecord(this.#ctx.storage)
    if (current?.state !== 'linking') return failure('link_token_invalid')
    switch (result.outcome) {
      case 'linked':
        return this.#linked(current, result)
      case 'too_many_devices':
      case 'unauthorized':
        await this.#refused(current.hold)
        return failure(result.outcome)
      case 'ended':
        this.end(result.reason)
        return failure('link_token_invalid')
    }
  }

  #linked(
    { hold, key }: LinkingRecord,
    result: Extract<AddDeviceResult, { outcome: 'linked' }>,
  ): Result<ApproveAnswer> {
    const { account, codes } = hold
    const { device } = result
    writeRecord(this.#ctx.storage, { state: 'linked', key, account, codes, device })
    void this.#ctx.storage.deleteAlarm()
    const screen = this.#screen.socket()
    if (screen === null) {
      this.#ctx.waitUntil(this.#stream.leave(account))
    } else {
      sendFrame(screen.socket, { type: 'linked', device, account: result.account })
      this.#stream.startAnew(screen.socket, result.snapshot)
      this.#ctx.waitUntil(this.#pull(account))
    }
    return success({ device })
  }

  /** Brings the new device up to what happened since its snapshot; it may have been unlinked by then. */
  async #pull(account: string): Promise<void> {
    const ended = await this.#stream.pull(account)
    if (ended !== null) this.end(ended)
  }

  /** The account does not want it: back to the hold while it lasts; without a screen nothing is left to keep. */
  async #refused(hold: Hold): Promise<void> {
    const screen = this.#screen.socket()
    if (screen === null) {
      await deleteEverything(this.#ctx.storage)
      return
    }
    deleteRecord(this.#ctx.storage)
    this.#screen.step(screen, (_, context) => onRefused(hold, context))
  }

  #retryLater(asked: LinkingRecord): void {
    const current = readRecord(this.#ctx.storage)
    if (current?.state !== 'linking') return
    const wait = Math.min(LINKING_RETRY_MS * 2 ** asked.failures, LINKING_RETRY_MAX_MS)
    writeRecord(this.#ctx.storage, { ...current, failures: asked.failures + 1 })
    void this.#ctx.storage.setAlarm(Date.now() + wait)
  }
}

/** Tells a socket that its device is gone, and closes it. */
export function sayUnlinked(socket: WebSocket, reason: UnlinkReason): void {
  sendFrame(socket, { type: 'unlinked', reason })
  closeSocket(socket, CLOSE.unlinked, 'unlinked')
}

function refuse(device: DeviceRecord, hash: string, account: string): Failure | null {
  if (device.state === 'ended') return failure('link_token_invalid')
  const { codes, account: holder } = device.state === 'linking' ? device.hold : device
  if (!codes.includes(hash)) return failure('link_token_invalid')
  if (holder === account) return null
  return failure(device.state === 'linking' ? 'link_token_taken' : 'link_token_invalid')
}
