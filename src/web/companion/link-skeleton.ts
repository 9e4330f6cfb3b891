/** Between the approval and the chats: their layout, empty, with the name of the account that this browser is linked to. */
import { html, nothing, type TemplateResult } from 'lit'
import type { AccountCard } from '../../protocol/model.ts'
import { avatar } from '../shared/avatar.ts'
import { isSameNumber } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { button, withName } from './link-notices.ts'

const ROWS = 8

/** @param middle where a thread will be: what is waited for */
export function chatsSkeleton(account: AccountCard | null, middle: TemplateResult): TemplateResult {
  return html`<main class="skeleton">
    <div class="skeleton-side" aria-hidden="true">
      <div class="skeleton-head">
        ${account === null ? html`<span class="avatar small"></span>` : avatar(account.name, account.avatar, 'small')}
        ${
          account === null
            ? html`<span class="bone"></span>`
            : html`<div>
                <p class="title" dir="auto">${account.name}</p>
                ${
                  account.number === undefined || isSameNumber(account.name, account.number)
                    ? nothing
                    : html`<p class="caption"><bdi>${account.number}</bdi></p>`
                }
              </div>`
        }
      </div>
      <div class="skeleton-search"></div>
      ${Array.from(
        { length: ROWS },
        () =>
          html`<div class="skeleton-row">
            <span class="avatar"></span><span class="bones"><span class="bone"></span><span class="bone"></span></span>
          </div>`,
      )}
    </div>
    <div class="skeleton-middle">${middle}</div>
  </main>`
}

/** @param state `failed`: the script or the chats did not come; `slow`: not yet */
export function linkedNotice(
  account: AccountCard | null,
  state: 'loading' | 'slow' | 'failed',
  again: () => void,
): TemplateResult {
  const words = text(
    state === 'failed' ? 'link.server.title' : state === 'slow' ? 'link.linked.slow' : 'link.linked.body',
  )
  return html`<div class="notice">
    ${
      account === null
        ? nothing
        : html`<span class="face">
            ${avatar(account.name, account.avatar)}<span class="seal">${icon('check', 'small')}</span>
          </span>`
    }
    <h1 class="title" tabindex="-1">
      ${account === null ? text('app.name') : withName('link.linked.title', account.name)}
    </h1>
    <p class="secondary">${words}</p>
    ${state === 'loading' ? nothing : html`<div class="actions">${button('link.linked.action', again)}</div>`}
  </div>`
}
