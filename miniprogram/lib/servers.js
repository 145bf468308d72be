/**
 * Where each version of the mini program finds its server, and whom to call here. A district
 * edits this file and no other. Addresses of published versions are https, and stand in
 * 开发管理 › 服务器域名 as request, uploadFile and downloadFile domains.
 */
module.exports = {
  servers: {
    develop: 'http://127.0.0.1:8000',
    trial: 'https://suishoupai.example.cn',
    release: 'https://suishoupai.example.cn',
  },
  /** The citizens' hotline. */
  hotline: '12345',
  /** Numbers of those whom the catalogue names without one: part of the name → number. */
  numbers: {},
};
