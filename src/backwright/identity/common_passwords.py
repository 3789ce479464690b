"""Passwords that everybody tries first. A short list: it is for the worst, the guard against guessing is for the rest."""

_WORDS = """
000000 00000000 11111111 12121212 12345678 123456789 1234567890 12341234 123123123 123321123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2
22222222 33333333 44444444 55555555 66666666 77777777 87654321 88888888 987654321 99999999 a1b2c3d4 aa123456 aaaaaaaa abc12345 abcd1234
abcdefgh abcdefghi access14 admin123 admin1234 administrator adminadmin asdf1234 asdfasdf asdfghjk asdfghjkl babygirl baseball
basketball baseball1 batman123 blahblah bulldogs butterfly carolina changeme changeme1 charlie1 chelsea1 chocolate computer computer1
corvette cowboys1 danielle december default1 dolphins dragon123 einstein elephant email123 february fishing1 football football1 freedom1
friends1 fuckyou1 garfield godzilla guest123 guestguest hallo123 hannah123 hardcore harley123 hello123 helloworld heslo123 hockey123
hunter123 iceman123 iloveyou iloveyou1 iloveyou2 internet january1 jennifer jessica1 johndoe1 jordan23 july2000 killer123 letmein1
letmein123 letmein2 liverpool liverpool1 login123 london123 loveyou1 lovelove manchester marlboro master123 matrix123 maverick mercedes
metallica michael1 michelle midnight minecraft monkey12 monkey123 mustang1 naruto123 newpassword nicholas nintendo nothing1 november
october1 p@ssw0rd p@ssword p@ssword1 pa55word pa55w0rd pass1234 passpass passw0rd passw0rd1 password password! password0 password1
password12 password123 password1234 password2 password3 passwort passwort1 patricia pokemon1 pokemon123 princess princess1 qazwsxedc
qazwsx123 qwer1234 qwerasdf qwert123 qwerty12 qwerty123 qwerty1234 qwertyui qwertyuiop qwertz123 q1w2e3r4 q1w2e3r4t5 red12345 rockyou1
samantha samsung1 secret123 secret12 secretpassword september september1 shadow12 shadow123 slipknot snoopy123 soccer12 spiderman
spongebob starwars starwars1 steelers stephanie student1 summer12 summer2020 summer123 sunshine sunshine1 superman superman1 superstar
swordfish temp1234 temppass test1234 test12345 testing1 testtest thunder1 tinkerbell trustno1 undertaker united123 user1234 valentine
vanessa1 victoria victory1 virginia warcraft welcome1 welcome12 welcome123 whatever whatever1 william1 windows1 winter123 wolverine
wordpass xbox360x yankees1 yellow12 zaq12wsx zaq1zaq1 zaq1xsw2 zxcvbnm1 zxcvbnm123 zxcvbnma
"""
COMMON = frozenset(_WORDS.split())
