/** The linked companion: the chats, whose account they are, and signing out. Loaded once a phone has approved. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CompanionState } from '../../client/companion-state.ts'
import type { StateKeeper } from '../../client/saved-state-keeper.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { ask } from '../shared/ask.ts'
import { avatar } from '../shared/avatar.ts'
import { ChatsView } from '../shared/chats-view.ts'
import { isSameNumber, secondsLeft } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { define, PageElement } from '../shared/page-element.ts'
import '../shared/settings-button.ts'
import '../shared/settings-list.ts'
import { text } from '../shared/text.ts'
import { withName } from './link-notices.ts'
import { linkedBar } from './linked-bar.ts'
import { keepShell } from './shell.ts'

/** "Connecting…" appears only when there is something to wait for. */
const CONNECTING_SHOWN_MS = 1_500

const MENU = html`<settings-button may-leave></settings-button>`

type Trouble = 'offline' | 'lost' | 'slow'

define('chats-view', ChatsView)

export class CompanionChats extends PageElement {
  static override properties: PropertyDeclarations = {
    client: { attribute: false },
    keeper: { attribute: false },
    state: { attribute: false },
    offline: { attribute: false },
  }

  declare client: CompanionClient
  declare state: CompanionState
  /** Drafts, and devices that the person is still to be told of. */
  declare keeper: StateKeeper
  declare offline: boolean
  #tick: ReturnType<typeof setInterval> | undefined
  #connectingSince = 0
  #trouble: Trouble | null = null

  constructor() {
    super()
    this.offline = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.state.keep) keepShell()
    const draw = (): void => this.requestUpdate()
    // The account's name may change while it is shown.
    for (const end of [this.client.stream.subscribe(draw), this.keeper.subscribe(this.#notify)]) {
      this.ends.addEventListener('abort', end)
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#tick)
    this.#tick = undefined
  }

  protected override willUpdate(): void {
    const { name } = this.state.connection
    if (name === 'open' || this.offline) this.#connectingSince = 0
    else this.#connectingSince ||= Date.now()
    // An update that was asked for before it left the page runs after it: nothing would end the count.
    const counting = name !== 'open' && !this.offline && this.isConnected
    if (counting) this.#tick ??= setInterval(() => this.requestUpdate(), 500)
    else {
      clearInterval(this.#tick)
      this.#tick = undefined
    }
  }

  protected override updated(): void {
    const trouble = this.#troubleNow()
    if (trouble === this.#trouble) return
    const before = this.#trouble
    this.#trouble = trouble
    // The banner counts down and would be spoken each second: what it is about is said once.
    const said = trouble === 'offline' ? 'app.said.offline' : trouble === 'lost' ? 'app.said.lost' : null
    if (said !== null) this.#say(text(said))
    else if (trouble === null && before !== 'slow') this.#say(text('app.said.back'))
  }

  protected override render(): TemplateResult {
    const { notices } = this.keeper
    const notice = notices[0]
    return html`
      ${notice === undefined ? nothing : linkedBar(notice, Date.now(), () => this.keeper.setNotices(notices.slice(1)))}
      <chats-view
        .label=${text('app.account', { name: this.#account.name })}
        .stream=${this.client.stream}
        .head=${this.#head()}
        .menu=${MENU}
        .banner=${this.#banner()}
        .drafts=${this.keeper.drafts}
        .maySend=${this.#maySend}
        @sign-out=${this.#signOut}
      ></chats-view>
    `
  }

  get #account(): AccountCard {
    const { view } = this.state
    return this.client.stream.state.account ?? (view.name === 'linked' ? view.account : { id: '', name: '' })
  }

  #head(): TemplateResult {
    const { name, number, avatar: picture } = this.#account
    return html`
      ${avatar(name, picture, 'small')}
      <div class="side-account">
        <p class="title" aria-hidden="true">${text('app.chats')}</p>
        <p class="caption" title=${name}>
          <bdi>${name}</bdi
          >${number === undefined || isSameNumber(name, number) ? nothing : html` · <bdi>${number}</bdi>`}
        </p>
      </div>
    `
  }

  #troubleNow(): Trouble | null {
    if (this.offline) return 'offline'
    if (this.state.connection.name === 'open') return null
    if (this.state.connection.name === 'waiting') return 'lost'
    // Between two tries it is still lost.
    if (this.#trouble === 'lost' || this.#trouble === 'offline') return 'lost'
    return Date.now() - this.#connectingSince >= CONNECTING_SHOWN_MS ? 'slow' : null
  }

  #banner(): TemplateResult | null {
    const { connection } = this.state
    switch (this.#troubleNow()) {
      case null:
        return null
      case 'offline':
        return html`${icon('wifi-off', 'small')} <span>${text('app.offline')}</span>`
      default:
    }
    if (connection.name !== 'waiting') {
      return html`${icon('refresh-cw', 'small')} <span>${text('app.reconnecting.now')}</span>`
    }
    const n = secondsLeft(connection.retryAt - Date.now())
    return html`${icon('wifi-off', 'small')} <span>${text('app.reconnecting', { n })}</span>
      <button class="link-button" type="button" @click=${() => this.client.tryNow()}>
        ${text('app.reconnecting.action')}
      </button>`
  }

  #say(words: string): void {
    this.querySelector<ChatsView>('chats-view')?.say(words)
  }

  #notify = (): void => {
    this.requestUpdate()
    const newest = this.keeper.notices[0]
    if (newest) this.#say(text('app.linked.device', { name: newest.name }))
  }

  /** Asked once: someone else's phone may have linked this browser to their own account (S29). */
  #maySend = async (): Promise<boolean> => {
    if (this.state.confirmed) return true
    const { name } = this.#account
    const answer = await ask(
      {
        title: withName('app.first.title', name),
        body: withName('app.first.body', name),
        yes: text('app.first.action'),
        no: text('app.first.out'),
      },
      this.ends,
    )
    if (answer === 'no') void this.#signOut()
    if (answer === 'yes') this.client.confirm()
    return answer === 'yes'
  }

  #signOut = async (): Promise<void> => {
    // Nobody can be told of it then, and the key that could tell them later is deleted with everything else.
    const alone = this.offline || this.state.connection.name !== 'open'
    const answer = await ask(
      {
        title: text('app.signout.title'),
        body: alone ? text('app.signout.alone') : text('app.signout.body'),
        yes: text('app.signout.action'),
        danger: true,
      },
      this.ends,
    )
    if (answer === 'yes') await this.client.unlink()
  }
}

customElements.define('companion-chats', CompanionChats)
