/**
 * What every call of an Account stands on: the tables made ready, one way to change them, and what follows from a change
 * (events to the owner's sockets and companions, deliveries to peers, the alarm).
 *
 * `ready()` is awaited first; from then on a change and its consequences are one step without an await.
 */
import { errorFrame } from '../http/sockets.ts'
import { configOf, type Config } from '../config.ts'
import { mediaKeys, type MediaKeys } from '../http/keys.ts'
import type { Caller } from '../http/types.ts'
import type { TypingFrame } from '../protocol/frames.ts'
import { wireId } from '../protocol/ids.ts'
import { PUSH_AGAIN_MS } from '../protocol/limits.ts'
import type { Request as StreamRequest, TypingRequest } from '../protocol/requests.ts'
import { errorName, record } from '../telemetry.ts'
import { Clock } from './clock.ts'
import { revive } from './deletion.ts'
import { DeliveryCalls } from './delivery.ts'
import { loadDemoPhotos, seedDemo } from './demo.ts'
import { onlineDevices } from './devices.ts'
import { earliestDue } from './due.ts'
import { canCatchUp, eventsAfter, headOf } from './event-log.ts'
import { settleUpload } from './media-objects.ts'
import { forgetAll } from './memory.ts'
import { waitingConversations } from './outbox.ts'
import { PhoneSockets } from './phone-sockets.ts'
import { createProfile, readProfile } from './profile.ts'
import { Pushes } from './pushes.ts'
import { createRenderer, type Renderer } from './render.ts'
import { answerRequest, isChange } from './requests.ts'
import type { CatchUp, EventPage, RequestAnswer } from './rpc.ts'
import type { ProfileRow } from './rows.ts'
import { hasSchema, migrate } from './schema.ts'
import { isSessionAlive } from './sessions.ts'
import { start } from './start.ts'
import { TypingRelay } from './typing.ts'

export class AccountCore {
  readonly ctx: DurableObjectState
  readonly env: Env
  readonly sql: SqlStorage
  /** The account's wire id. */
  readonly id: string
  readonly phones: PhoneSockets
  readonly pushes: Pushes
  readonly deliveries: DeliveryCalls
  readonly #clock: Clock
  readonly #typing = new TypingRelay()
  #keys: MediaKeys | null = null
  /** An object that was only called by a guessed id has no tables and gets none. */
  #made: boolean
  /** A migration may have left something to do. */
  #migrated: boolean

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx
    this.env = env
    this.sql = ctx.storage.sql
    this.id = wireId(ctx.id.toString())
    this.#made = hasSchema(this.sql)
    this.#migrated = this.#made && migrate(ctx.storage)
    this.#clock = new Clock(ctx.storage)
    this.phones = new PhoneSockets(this)
    this.pushes = new Pushes(this, this.#made ? headOf(this.sql) : 0)
    this.deliveries = new DeliveryCalls(this)
  }

  get config(): Config {
    return configOf(this.env)
  }

  /** Fetches what the steps after it need without an await: the keys, and when the alarm is set. */
  async ready(): Promise<void> {
    const [keys] = await Promise.all([mediaKeys(this.env), this.#clock.load()])
    this.#keys = keys
    if (this.#migrated) this.#armEarliest()
    this.#migrated = false
  }

  /** The account's row; null if there is no account, or not any more. */
  profile(): ProfileRow | null {
    const profile = this.#made ? readProfile(this.sql) : null
    return profile?.deleted_at === null ? profile : null
  }

  /**
   * Makes the account if there is none. With `DEMO=on` it is filled with the demo's conversations.
   * @param issuedAt - of an outside issuer's token: one from after a deletion may make the account anew (S32)
   */
  async make(number: string | null, issuedAt = 0): Promise<void> {
    if (this.#isSettled(issuedAt)) return
    const photos = this.config.demo ? await loadDemoPhotos(this.env).catch(() => new Map()) : null
    // Another call may have made it while the photos were copied.
    if (this.#isSettled(issuedAt)) return
    migrate(this.ctx.storage)
    this.#made = true
    this.commit((now) => {
      if (!this.isBuried()) createProfile(this.sql, this.id, number, now)
      else if (!revive(this.sql, issuedAt, now)) return
      if (photos !== null) seedDemo(this.sql, photos, now)
    })
  }

  /** Whether there was an account, and all that is left is its tombstone. */
  isBuried(): boolean {
    return this.#made && (readProfile(this.sql)?.deleted_at ?? null) !== null
  }

  /** Changes the tables in one transaction, then sends on what follows: nothing of it is awaited here. */
  commit<T>(change: (now: number) => T): T {
    const now = Date.now()
    const before = this.head()
    const result = this.#change(() => change(now))
    const moved = this.head() !== before
    // If the object is lost before the calls below are through, the alarm makes up for them.
    const waiting = waitingConversations(this.sql)
    if (waiting.size > 0 || (moved && onlineDevices(this.sql).length > 0)) this.#clock.arm(now + PUSH_AGAIN_MS)
    this.#armEarliest()
    if (moved) {
      this.phones.flush()
      void this.pushes.pushAll()
    }
    void this.deliveries.deliverAll(now, waiting)
    return result
  }

  renderer(): Renderer {
    if (this.#keys === null) throw new Error('the core was not made ready')
    return createRenderer(this.sql, this.#keys, Date.now(), readProfile(this.sql))
  }

  head(): number {
    return headOf(this.sql)
  }

  /** The next page of events after a cursor. */
  eventsAfter(cursor: number): EventPage {
    return eventsAfter(this.sql, cursor, Date.now(), this.renderer().event)
  }

  /** What brings a client at `cursor` up to date, or on the way there. */
  catchUp(cursor: number | null): CatchUp {
    return canCatchUp(this.sql, cursor)
      ? { kind: 'events', events: this.eventsAfter(cursor), head: this.head() }
      : { kind: 'snapshot', snapshot: this.renderer().snapshot() }
  }

  /** Who comes with a living session, or with an outside issuer's token, which needs none. */
  isWelcome({ session, issuedAt }: Pick<Caller, 'session' | 'issuedAt'>): boolean {
    const profile = this.profile()
    if (profile === null) return false
    return session === null ? issuedAt > profile.refused_to : isSessionAlive(this.sql, session, Date.now())
  }

  /** Some push was not taken: the alarm pushes the head again soon. */
  pushAgain(): void {
    this.#clock.arm(Date.now() + PUSH_AGAIN_MS)
  }

  /** Answers a frame; null for `typing`. Never throws: what goes wrong is `internal`. */
  async answer(frame: StreamRequest | TypingRequest, phone = true): Promise<RequestAnswer | null> {
    try {
      await this.ready()
      if (frame.type === 'typing') {
        // Not waited for: the frames behind it are not held up by the peer.
        void this.#typing.relay(this.env, this.sql, this.id, frame, Date.now())
        return null
      }
      if (frame.type === 'start') return await start(this, frame)
      const named = frame.type === 'send' ? frame.media : frame.type === 'media' ? frame.id : undefined
      if (named !== undefined) await settleUpload(this, named)
      // The account may have been deleted while something was waited for.
      if (this.profile() === null) return errorFrame(frame.ref, 'not_allowed')
      const answerAt = (now: number) =>
        answerRequest(
          {
            sql: this.sql,
            renderer: this.renderer(),
            phone,
            account: this.id,
            uploads: this.env.MEDIA !== undefined,
            now,
          },
          frame,
        )
      return isChange(frame) ? this.commit(answerAt) : answerAt(Date.now())
    } catch (error) {
      record(this.env, { event: 'fault', error: errorName(error), method: 'FRAME', route: frame.type })
      return frame.type === 'typing' ? null : errorFrame(frame.ref, 'internal')
    }
  }

  /** Shows typing on whatever of the owner's is connected. */
  async showTyping(frame: TypingFrame): Promise<void> {
    this.phones.send(frame)
    await this.pushes.pushTyping(frame)
  }

  /** The alarm has fired. */
  alarmFired(): void {
    this.#clock.fired()
  }

  /** After the alarm's work: for what is due next, and soon if something was not taken. */
  rearm(): void {
    if (this.pushes.isBehind()) this.#clock.arm(Date.now() + PUSH_AGAIN_MS)
    this.#armEarliest()
  }

  /** One transaction. What the instance remembers of a change that is rolled back never was. */
  #change<T>(change: () => T): T {
    try {
      return this.ctx.storage.transactionSync(change)
    } catch (error) {
      forgetAll(this.sql)
      throw error
    }
  }

  #armEarliest(): void {
    const at = earliestDue(this.sql)
    if (at !== null) this.#clock.arm(at)
  }

  /** Whether a token of `issuedAt` finds an account as it is to stay: living, or deleted after that. */
  #isSettled(issuedAt: number): boolean {
    const profile = this.#made ? readProfile(this.sql) : null
    return profile !== null && (profile.deleted_at === null || issuedAt <= profile.deleted_at)
  }
}
