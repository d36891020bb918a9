from django.http import HttpResponse


def invite(request, **kwargs):
    return HttpResponse()
