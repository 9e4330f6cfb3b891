/** A person's picture, else their initials, else a plain figure. */
import { html, type TemplateResult } from 'lit'
import type { Media } from '../../protocol/model.ts'
import { initialsOf } from './format.ts'
import { icon } from './icon.ts'

export function avatar(name: string, picture: Media | undefined, size: '' | 'small' = ''): TemplateResult {
  if (picture !== undefined) {
    return html`<img
      class="avatar ${size}"
      src=${picture.thumb ?? picture.url}
      alt=""
      width="48"
      height="48"
      loading="lazy"
      decoding="async"
    />`
  }
  const initials = initialsOf(name)
  return html`<span class="avatar ${size}" aria-hidden="true">${initials === '' ? icon('user-round') : initials}</span>`
}
