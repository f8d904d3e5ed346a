// A link to one message of a long chat: where its page does not show that message, the page that does is opened.

const [, wanted] = location.hash.match(/^#part-(.*)$/) ?? [];
const { searchParams } = new URL(location.href);
if (wanted !== undefined && !document.getElementById(`part-${decodeURIComponent(wanted)}`) && !searchParams.has("part"))
  location.replace(`${location.pathname}?part=${wanted}${location.hash}`);
