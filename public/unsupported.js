// Runs only where modules do not: what such a browser is told, in words of its time.
document.addEventListener('DOMContentLoaded', function () {
  var notice = document.createElement('div')
  notice.className = 'notice'
  var title = document.createElement('h1')
  title.className = 'title'
  title.textContent = 'This browser is too old'
  var body = document.createElement('p')
  body.textContent = 'Use a current Chrome, Edge, Firefox or Safari.'
  notice.appendChild(title)
  notice.appendChild(body)
  document.body.appendChild(notice)
})
