"""The phone's storage, files and network, and what a cut network does to them."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.miniprogram.calls import BASE, words_of
from tests.miniprogram.conftest import Hold


def test_storage_keeps_values_as_json(hold: Hold) -> None:
    page = hold()
    page.evaluate("wx.setStorageSync('a', { at: [1] })")
    assert page.evaluate("wx.getStorageSync('a')") == {"at": [1]}
    assert page.evaluate("wx.getStorageSync('none')") == ""
    page.evaluate("wx.setStorage({ key: 'b', data: false })")
    assert page.evaluate("wx.getStorage({ key: 'b' }).then(one => one.data)") is False
    assert page.evaluate("wx.getStorageInfo().then(one => one.keys.sort())") == ["a", "b"]
    page.evaluate("wx.removeStorageSync('a')")
    page.evaluate("wx.removeStorage({ key: 'b' })")
    assert page.evaluate("wx.getStorageInfoSync().keys") == []
    for letter, many in (("x", 1024 * 1024), ("字", 350_000)):
        big = f"wx.setStorage({{ key: 'c', data: '{letter}'.repeat({many}) }})"
        assert words_of(page, big) == "setStorage:fail data exceed max size"
    page.evaluate("wx.setStorageSync('d', 1); wx.clearStorageSync()")
    assert page.evaluate("wx.getStorageSync('d')") == ""


def asked(page: Page, options: str, call: str = "wx.request") -> Any:
    """The answer of a request, whatever became of it."""
    return page.evaluate(f"() => new Promise(done => {call}({{ ...{options}, complete: done }}))")


def test_requests_reach_the_server_in_the_forms_of_the_platform(hold: Hold) -> None:
    page = hold()
    got = asked(page, f"{{ url: '{BASE}/x?a=1', data: {{ b: '你' }} }}")
    assert got["data"] == {"method": "GET", "query": "a=1&b=%E4%BD%A0"}
    assert (got["statusCode"], got["errMsg"]) == (200, "request:ok")
    got = asked(page, f"{{ url: '{BASE}/x', method: 'POST', data: {{ c: 1 }} }}")
    assert got["statusCode"] == 201
    got = asked(page, f"{{ url: '{BASE}/x', method: 'PATCH' }}")
    assert got["data"]["method"] == "PATCH"
    got = asked(page, f"{{ url: '{BASE}/words' }}")
    assert got["data"] == "不是 JSON"
    got = asked(page, "{ url: 'https://elsewhere.invalid/' }")
    assert got["errMsg"] == "request:fail url not in domain list"


def test_a_request_is_stopped_or_takes_too_long(hold: Hold) -> None:
    page = hold()
    page.route("**/server/hangs", lambda _: None)
    stopped = page.evaluate(
        f"""() => new Promise(done => {{
            const task = wx.request({{ url: '{BASE}/hangs', fail: done }});
            task.abort();
        }})"""
    )
    assert stopped == {"errMsg": "request:fail abort"}
    late = asked(page, f"{{ url: '{BASE}/hangs', timeout: 50 }}")
    assert late["errMsg"] == "request:fail timeout"


PHOTO = f"{{ url: '{BASE}/photos', filePath: window.file, name: 'photo' }}"
CHOSEN = """async (size = 9) => {
    phone.set('privacyAgreed', true);
    phone.handIn([new File([new Uint8Array(size)], 'a.jpg', { type: 'image/jpeg' })]);
    const { tempFiles } = await wx.chooseMedia({ count: 1, mediaType: ['image'] });
    window.file = tempFiles[0].tempFilePath;
    return tempFiles[0];
}"""


def test_a_file_is_uploaded_with_progress(hold: Hold) -> None:
    page = hold()
    assert page.evaluate(CHOSEN, 50_000)["size"] == 50_000
    told = page.evaluate(
        f"""() => new Promise(done => {{
            const steps = [];
            const task = wx.uploadFile({{ ...{PHOTO}, formData: {{ kind: 'before' }},
                complete: (one) => done([steps, one]) }});
            task.onProgressUpdate(({{ progress }}) => steps.push(progress));
        }})"""
    )
    assert told[0][-1] == 100
    assert json.loads(told[1]["data"]) == {"form": "before", "size": 50_000}
    nowhere = f"{{ url: '{BASE}/photos', filePath: 'http://tmp/no', name: 'x' }}"
    lost = asked(page, nowhere, "wx.uploadFile")
    assert lost["errMsg"] == "uploadFile:fail file not found: http://tmp/no"


def test_an_upload_is_cut_with_the_network_and_sent_again(hold: Hold) -> None:
    page = hold()
    page.evaluate(CHOSEN)
    page.route("**/server/photos", lambda _: None)
    page.evaluate(
        f"""() => {{
            window.told = new Promise(done => wx.uploadFile({{ url: '{BASE}/photos',
                filePath: window.file, name: 'photo', complete: done }}));
            wx.onNetworkStatusChange(({{ isConnected }}) => (window.heard = isConnected));
        }}"""
    )
    page.evaluate("phone.set('network', 'off')")
    cut = page.evaluate("window.told")
    assert cut["errMsg"].startswith("uploadFile:fail errcode:-106")
    assert page.evaluate("window.heard") is False
    again = asked(page, PHOTO, "wx.uploadFile")
    assert again["errMsg"] == cut["errMsg"]
    page.unroute("**/server/photos")
    page.evaluate("phone.set('network', 'on')")
    sent = asked(page, PHOTO, "wx.uploadFile")
    assert sent["statusCode"] == 200
    page.evaluate("wx.offNetworkStatusChange(); phone.set('network', 'off')")
    assert page.evaluate("window.heard") is True
    assert asked(page, f"{{ url: '{BASE}/x' }}")["errno"] == 600001


def test_an_answer_may_be_lost_though_the_request_arrived(hold: Hold) -> None:
    page = hold()
    page.evaluate("phone.set('network', 'lost')")
    with page.expect_response("**/server/x") as arrived:
        lost = asked(page, f"{{ url: '{BASE}/x', method: 'POST', data: {{}} }}")
    assert arrived.value.status == 201
    assert lost["errMsg"].startswith("request:fail errcode:-101")


def test_the_browsers_own_network_counts_too(hold: Hold) -> None:
    page = hold()
    page.context.set_offline(True)
    assert page.evaluate("wx.getNetworkType().then(one => one.networkType)") == "none"
    assert asked(page, f"{{ url: '{BASE}/x' }}")["errMsg"].startswith("request:fail errcode:-106")


def test_a_file_is_downloaded_and_looked_at(hold: Hold) -> None:
    page = hold()
    got = asked(page, f"{{ url: '{BASE}/picture.png' }}", "wx.downloadFile")
    assert got["statusCode"] == 200
    info = page.evaluate("src => wx.getImageInfo({ src })", got["tempFilePath"])
    assert (info["width"], info["height"], info["type"]) == (20, 10, "png")
    small = page.evaluate(
        "src => wx.compressImage({ src, quality: 60, compressedWidth: 10 })", got["tempFilePath"]
    )
    info = page.evaluate("src => wx.getImageInfo({ src })", small["tempFilePath"])
    assert (info["width"], info["height"], info["type"]) == (10, 5, "jpeg")
    page.evaluate("urls => wx.previewImage({ urls })", [got["tempFilePath"], small["tempFilePath"]])
    expect(page.get_by_alt_text("第 1 张，共 2 张")).to_be_visible()
    page.get_by_role("button", name="下一张").click()
    expect(page.get_by_alt_text("第 2 张，共 2 张")).to_be_visible()


FILES = """async (temporary) => {
    const system = wx.getFileSystemManager();
    const ask = (name, options) => new Promise(done => system[name]({ ...options,
        success: done, fail: ({ errMsg }) => done(errMsg) }));
    const root = wx.env.USER_DATA_PATH;
    const said = [];
    await ask('mkdir', { dirPath: `${root}/drafts/one`, recursive: true });
    await ask('writeFile', { filePath: `${root}/drafts/one/a.txt`, data: 'abc', encoding: 'utf8' });
    await ask('copyFile', { srcPath: `${root}/drafts/one/a.txt`, destPath: `${root}/b.txt` });
    said.push((await ask('readFile', { filePath: `${root}/b.txt`, encoding: 'base64' })).data);
    said.push((await ask('readdir', { dirPath: `${root}/drafts` })).files);
    said.push((await ask('stat', { path: `${root}/b.txt` })).stats.size);
    const print = { filePath: `${root}/b.txt`, digestAlgorithm: 'sha1' };
    said.push((await ask('getFileInfo', print)).digest);
    said.push((await ask('access', { path: `${root}/none` })));
    const { savedFilePath } = await ask('saveFile', { tempFilePath: temporary });
    said.push((await ask('getSavedFileList')).fileList.map(one => one.filePath === savedFilePath));
    said.push((await ask('removeSavedFile', { filePath: savedFilePath })).errMsg);
    said.push((await ask('unlink', { filePath: `${root}/b.txt` })).errMsg);
    said.push(await ask('writeFile', { filePath: '/etc/x', data: '' }));
    said.push(system.statSync(`${root}/drafts`).isDirectory());
    said.push(system.readdirSync(root));
    return said;
}"""


def test_files_are_kept_and_found(hold: Hold) -> None:
    page = hold()
    file = page.evaluate(CHOSEN)["tempFilePath"]
    assert page.evaluate(FILES, file) == [
        *["YWJj", ["one"], 3, "a9993e364706816aba3e25717850c26c9cd0d89d"],
        'access:fail no such file or directory "wxfile://usr/none"',
        *[[True], "removeSavedFile:ok", "unlink:ok"],
        'writeFile:fail permission denied, open "/etc/x"',
        *[True, ["drafts"]],
    ]
    nothing = "wx.saveFile({ tempFilePath: 'http://tmp/x' })"
    assert words_of(page, nothing).startswith("saveFile:fail no such file")


def test_what_is_on_its_way_is_cut_a_while_after_the_app_was_hidden(hold: Hold) -> None:
    page = hold()
    page.clock.install()
    page.route("**/server/hangs", lambda _: None)
    ask = (
        f"wx.request({{ url: '{BASE}/hangs', complete: ({{ errMsg }}) => (window.told = errMsg) }})"
    )
    page.evaluate(f"() => {{ {ask}; phone.hide(); phone.show(); }}")
    page.clock.fast_forward(6000)
    assert page.evaluate("window.told") is None
    page.evaluate("phone.hide()")
    page.clock.fast_forward(6000)
    assert page.evaluate("window.told") == "request:fail interrupted"
