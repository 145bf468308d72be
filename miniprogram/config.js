/**
 * What a district sets, and all that it sets.
 *
 * `baseUrl` is the server's public address, https, and stands in 开发管理 › 服务器域名 as request,
 * uploadFile and downloadFile domain. `developUrl` is used instead in the developer tools where it
 * is not empty.
 */
module.exports = {
  baseUrl: 'https://suishoupai.example.cn',
  developUrl: '',
  /** The citizens' hotline. */
  hotline: '12345',
  /** Numbers of those whom the catalogue names without one: part of the name → number. */
  numbers: {},
};
